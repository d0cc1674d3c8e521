{{/*
A password that is made once: of the Secret when it is there already, so that an upgrade keeps it. A renderer without a
cluster (helm template, GitOps) sees no Secret and makes a new one each time: give Secrets of your own there.
Takes root, secret and key.
*/}}
{{- define "trading-platform.password" -}}
{{- $there := lookup "v1" "Secret" .root.Release.Namespace .secret -}}
{{- with $there -}}
{{- index .data $.key | default "" | b64dec -}}
{{- end -}}
{{- if not (and $there (index $there.data .key)) -}}
{{- randAlphaNum 32 -}}
{{- end -}}
{{- end -}}
