{{/*
A password that is generated once: an upgrade keeps the password of the existing Secret. A renderer without a cluster
(helm template, GitOps) cannot see the Secret and generates a new password each time: use Secrets of your own there.
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
