#!/bin/sh
# Replaces ghcr.io/jkroepke/kube-webhook-certgen for kube-prometheus-stack: `create` makes a Secret with a certificate and its CA unless it
# exists, `patch` writes the CA into the webhooks of prometheus-operator.
set -eu
command=$1; shift
for option in "$@"; do
  case $option in
    --host=*) hosts=${option#*=} ;;
    --namespace=*) namespace=${option#*=} ;;
    --secret-name=*) secret=${option#*=} ;;
    --webhook-name=*) webhook=${option#*=} ;;
    --patch-failure-policy=*) policy=${option#*=} ;;
  esac
done
# this is the only writable folder if the root file system is read-only
export HOME=/dev/shm OPENSSL_CONF=/dev/null
case $command in
  create)
    if kubectl get secret "$secret" --namespace="$namespace"; then exit; fi
    cd "$HOME"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=${hosts%%,*}" \
      -addext "subjectAltName=DNS:$(echo "$hosts" | sed 's/,/,DNS:/g')" -keyout key -out cert
    kubectl create secret generic "$secret" --namespace="$namespace" --from-file=ca=cert --from-file=cert --from-file=key ;;
  patch)
    ca=$(kubectl get secret "$secret" --namespace="$namespace" --output='jsonpath={.data.ca}')
    for kind in validating mutating; do
      change="{\"op\": \"add\", \"path\": \"/webhooks/0/clientConfig/caBundle\", \"value\": \"$ca\"}"
      [ -z "$policy" ] || change="$change, {\"op\": \"add\", \"path\": \"/webhooks/0/failurePolicy\", \"value\": \"$policy\"}"
      kubectl patch "${kind}webhookconfiguration" "$webhook" --type=json --patch="[$change]"
    done ;;
esac
