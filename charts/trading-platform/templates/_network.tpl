{{/* Rules of NetworkPolicies. */}}

{{/* Pods of the platform, by name. Takes root and names. */}}
{{- define "trading-platform.peers" -}}
- podSelector:
    matchLabels: {app.kubernetes.io/instance: {{ .root.Release.Name }}}
    matchExpressions:
      - {key: app.kubernetes.io/name, operator: In, values: {{ toJson .names }}}
{{- end -}}

{{/* Port of a URL, or that of its scheme. */}}
{{- define "trading-platform.portOfUrl" -}}
{{- $url := urlParse . -}}
{{- regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host) | default (ternary "443" "80" (eq $url.scheme "https")) -}}
{{- end -}}

{{/* Ports of the servers of one kind that stand outside of the chart, as a list; empty when the chart has its own. */}}
{{- define "trading-platform.externalPorts" -}}
{{- $server := index .root.Values .kind -}}
{{- if eq .kind "kafka" -}}
{{- range $server.external.brokers }}
- {{ regexFind "[0-9]+$" . }}
{{- end }}
{{- else if $server.external.secret.name -}}
- {{ $server.external.port }}
{{- end -}}
{{- end -}}

{{/* The port of the chart's own server of that kind. */}}
{{- define "trading-platform.serverPorts" -}}
{kafka: 9092, postgres: 5432, redis: 6379}
{{- end -}}

{{/* What a process may reach of the servers it uses. Takes root and uses. */}}
{{- define "trading-platform.egressToServers" -}}
{{- $ports := include "trading-platform.serverPorts" . | fromYaml -}}
{{- range $kind := .uses }}
{{- $external := include "trading-platform.externalPorts" (dict "root" $.root "kind" $kind) | fromYamlArray | uniq }}
{{- if $external }}
- ports: [{{ range $index, $port := $external }}{{ if $index }}, {{ end }}{port: {{ $port }}}{{ end }}]
{{- else }}
- to: {{- include "trading-platform.peers" (dict "root" $.root "names" (list $kind)) | nindent 4 }}
  ports: [{port: {{ index $ports $kind }}}]
{{- end }}
{{- end }}
{{- end -}}

{{/* The API of a model stands outside of the cluster, or in a namespace that nobody here knows: its port is what can be said. */}}
{{- define "trading-platform.egressToModel" -}}
{{- with .Values.model.url }}
- ports: [{port: {{ include "trading-platform.portOfUrl" . }}}]
{{- end }}
{{- end -}}

{{/* Where telemetry goes, when it goes anywhere. */}}
{{- define "trading-platform.egressToCollector" -}}
{{- with .Values.otlp.endpoint }}
- ports: [{port: {{ include "trading-platform.portOfUrl" . }}}]
{{- end }}
{{- end -}}

{{- define "trading-platform.ingressFromPrometheus" -}}
- from: {{- toYaml .Values.networkPolicy.prometheus | nindent 4 }}
  ports: [{port: 8001}]
{{- end -}}
