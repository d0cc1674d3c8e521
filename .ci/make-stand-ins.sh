#!/usr/bin/env bash
# Makes stand-ins for the third-party images that the chart and the cluster tests use, because CI has no registry. A stand-in has the name
# of the real image and contains the real program, from the parts that `make test` runs; stand-ins/*.sh start it as the real image does.
#   .ci/make-stand-ins.sh CLUSTER_SCRIPTS OUTPUT_FOLDER
# If KPS_CHART names a copy of kube-prometheus-stack, stand-ins for the images of that chart are made too.
# Programs that take long to build are kept in ~/.cache/trading-platform-ci.
set -euo pipefail
cluster=$(realpath "$1"); mkdir -p "$2"; out=$(realpath "$2")
cd "$(dirname "$0")/.."
here=$PWD/.ci/stand-ins
kept=${XDG_CACHE_HOME:-$HOME/.cache}/trading-platform-ci; mkdir -p "$kept"
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT

part() { # NAME [OPTION...]: prints the path of the first file of a part of local/parts
  ./tools/with-node.sh node local/main.ts provision "$@" | awk -v name="$1" '$1 == name { for (i = 4; i <= NF; i++) if ($i ~ "^/") { print $i; exit } }'
}
start_root() { # ROOT: starts a root file system with a static busybox, users, and the folders that programs expect
  mkdir -p "$1"/{bin,usr/local/bin,etc,tmp,var/run}; chmod 1777 "$1/tmp" "$1/var/run"
  cp "$(dpkg -L busybox-static | grep -m1 'bin/busybox$')" "$1/bin/busybox"
  for applet in $("$1/bin/busybox" --list); do [ "$applet" = busybox ] || ln -sf busybox "$1/bin/$applet"; done
  printf '%s:/:/bin/sh\n' root:x:0:0: postgres:x:999:999: kafka:x:1000:1000: nobody:x:65534:65534: > "$1/etc/passwd"
}
copy_libraries() { # ROOT FILE...: copies every library that the files load to where the loader looks for it
  local root=$1; shift
  { ldd "$@" 2>/dev/null || :; } | grep -o '/[^ ]*\.so[^ :]*' | sort -u | while read -r library; do
    case $library in /lib/* | /lib64/* | /usr/lib/*) to=$root$library ;; *) to=$root/usr/lib/x86_64-linux-gnu/${library##*/} ;; esac
    mkdir -p "${to%/*}"; cp -L "$library" "$to"
  done
}
archive() { # NAME ROOT OPTION...: writes a root file system as an image archive
  local file; file=$out/$(basename "${1%%:*}").tar
  "$cluster/mkimage.py" --name "$1" --root "$2" "${@:3}" --out "$file"
  echo "  $1 ($(du -h "$file" | cut -f1))"
}
build_go() { # FILE MODULE_FOLDER PACKAGE: builds a program unless it exists, in a copy of the module
  [ -x "$1" ] && return
  echo "  building $3"
  local sources=$work/src-${1##*/}
  cp -r "$2" "$sources"; cd "$sources"
  export CGO_ENABLED=0 GOWORK=off GOFLAGS=-mod=mod
  if [ -e plugins.go ]; then
    cp -r "$(go list -m -f '{{.Dir}}' github.com/prometheus/prometheus)" prometheus; chmod -R u+w prometheus
    mv plugins.go prometheus/plugins/plugins.go
    go mod edit -replace github.com/prometheus/prometheus=./prometheus
  fi
  go build -trimpath -ldflags '-s -w' -o "$1" "$3"
  cd "$OLDPWD"
}

kafka() {
  local root=$work/kafka java home; start_root "$root"
  java=$(readlink -f "$(part java)"); home=${java%/bin/java}
  mkdir -p "$root/opt/kafka/config" "$root/etc/kafka/docker" "$root$home"
  tar -C "$home" -ch --ignore-failed-read --exclude=src.zip --exclude=lib/server/classes*.jsa bin lib conf 2>/dev/null | tar -C "$root$home" -x || :
  ln -s "$home/bin/java" "$root/usr/local/bin/java"
  find "$home/" -name '*.so' -print0 | LD_LIBRARY_PATH=$home/lib:$home/lib/server xargs -0 ldd 2>/dev/null | grep -o '/[^ ]*\.so[^ :]*' |
    grep -v "^$home" | sort -u | while read -r library; do mkdir -p "$root${library%/*}"; cp -L "$library" "$root$library"; done
  copy_libraries "$root" "$java"
  cp -r "$(part kafka)" "$root/opt/kafka/libs"
  cp local/config/kafka-log4j2.properties "$root/opt/kafka/log4j2.properties"
  install -m 755 "$here/kafka.sh" "$root/etc/kafka/docker/run"
  archive "docker.io/apache/kafka:$1" "$root" --entrypoint /etc/kafka/docker/run --user 1000
}
redis() {
  local root=$work/redis program folder; start_root "$root"
  program=$(part redis); folder=$(dirname "$program")
  for name in redis-server redis-cli; do cp -L "$folder/$name" "$root/usr/local/bin/$name"; done
  LD_LIBRARY_PATH=$folder/../lib/x86_64-linux-gnu copy_libraries "$root" "$folder/redis-server" "$folder/redis-cli"
  install -m 755 "$here/redis.sh" "$root/usr/local/bin/docker-entrypoint.sh"
  archive "docker.io/library/redis:$1" "$root" --entrypoint docker-entrypoint.sh --arg redis-server --workdir /data
}
postgres() {
  local root=$work/postgres native; start_root "$root"
  # Postgres comes from npm, because the machine's own Postgres may have another major version than the chart's
  native=$(dirname "$(dirname "$(TRADING_PLATFORM_CACHE=$kept/parts part postgres --from npm)")")
  cp -a "$native/." "$root/usr/local/"
  copy_libraries "$root" "$native/bin/postgres" "$native/bin/initdb" "$native"/lib/*.so*
  install -m 755 "$here/postgres.sh" "$root/usr/local/bin/docker-entrypoint.sh"
  archive "docker.io/library/postgres:$1" "$root" --entrypoint docker-entrypoint.sh --arg postgres --env PGDATA=/var/lib/postgresql/18/docker
}
monitoring() {
  local root program
  build_go "$kept/prometheus" "$here/prometheus" github.com/prometheus/prometheus/cmd/prometheus
  build_go "$kept/prometheus-config-reloader" local/go/prometheus-operator github.com/prometheus-operator/prometheus-operator/cmd/prometheus-config-reloader
  for program in prometheus-operator/prometheus-operator:v0.85.0 prometheus-operator/prometheus-config-reloader:v0.85.0 prometheus/prometheus:v3.5.0 prometheus/alertmanager:v0.25.0; do
    name=$(basename "${program%%:*}"); root=$work/$name; start_root "$root"
    case $name in
      prometheus-operator) cp -L "$(part prometheus-operator)" "$root/bin/operator"; start=/bin/operator ;;
      alertmanager)
        file=$(part alertmanager); cp -L "$file" "$root/bin/alertmanager"; copy_libraries "$root" "$file"; start=/bin/alertmanager
        # Debian's Alertmanager reads its templates from this folder
        if [ -d "${file%/bin/*}/share/prometheus" ]; then mkdir -p "$root/usr/share"; cp -r "${file%/bin/*}/share/prometheus" "$root/usr/share/"; fi ;;
      *) cp "$kept/$name" "$root/bin/$name"; start=/bin/$name ;;
    esac
    mkdir -p "$root/etc/prometheus/config_out"
    archive "quay.io/$program" "$root" --entrypoint "$start" --user 65534
  done
}
# The other images of kube-prometheus-stack. Grafana is left out because its release cannot be built here. The node exporter is left out
# because the namespace of the tests does not allow it.
stack() {
  local root=$work/kube-state-metrics image tag
  build_go "$kept/kube-state-metrics" "$here/kube-state-metrics" k8s.io/kube-state-metrics/v2
  start_root "$root"; cp "$kept/kube-state-metrics" "$root/kube-state-metrics"
  archive "registry.k8s.io/kube-state-metrics/kube-state-metrics:v$(awk '/^appVersion:/ { print $2 }' "$KPS_CHART/charts/kube-state-metrics/Chart.yaml")" "$root" --entrypoint /kube-state-metrics --user 65534
  root=$work/certgen; start_root "$root"
  cp -L "$(command -v openssl)" "$(PATH=$RIG_HOME/bin:$PATH command -v kubectl)" "$root/usr/local/bin"
  copy_libraries "$root" "$root/usr/local/bin/openssl"
  install -m 755 "$here/certgen.sh" "$root/usr/local/bin/certgen"
  image=jkroepke/kube-webhook-certgen
  tag=$(awk -v image="$image" '$2 == image { getline; print $2; exit }' "$KPS_CHART/values.yaml")
  archive "ghcr.io/$image:$tag" "$root" --entrypoint certgen --user 65534
}

tag() { # NAME: prints the tag of a third-party image in the chart's values
  ./tools/with-node.sh node -e '
    const { parse } = require("yaml");
    const values = parse(require("fs").readFileSync("charts/trading-platform/values.yaml", "utf8"));
    console.log(values[process.argv[1]].image.tag);' "$1"
}
echo "making stand-ins for third-party images in $out"
for one in kafka redis postgres; do "$one" "$(tag "$one")"; done
monitoring
if [ -n "${KPS_CHART:-}" ]; then stack; fi
