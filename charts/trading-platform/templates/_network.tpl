{{/* Rules of NetworkPolicies. */}}

{{/* Selects pods of the platform by their names. Takes root and names. */}}
{{- define "trading-platform.peers" -}}
- podSelector:
    matchLabels: {app.kubernetes.io/instance: {{ .root.Release.Name | quote }}}
    matchExpressions:
      - {key: app.kubernetes.io/name, operator: In, values: {{ toJson .names }}}
{{- end -}}

{{/* Port of a URL, or the default port of its scheme. */}}
{{- define "trading-platform.portOfUrl" -}}
{{- $url := urlParse . -}}
{{- regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host) | default (ternary "443" "80" (eq $url.scheme "https")) -}}
{{- end -}}

{{/* Ports of the external servers of one kind, as a list; empty if the chart runs its own server. */}}
{{- define "trading-platform.externalPorts" -}}
{{- $server := index .root.Values .kind -}}
{{- if eq .kind "kafka" -}}
{{- range $server.external.brokers }}
- {{ regexFind "[0-9]+$" . }}
{{- end }}
{{- else if $server.external.secret.name -}}
- {{ $server.external.port }}
{{- range $server.external.morePorts | default list }}
- {{ . }}
{{- end }}
{{- end -}}
{{- end -}}

{{/* Port of the chart's own server of this kind. */}}
{{- define "trading-platform.serverPorts" -}}
{kafka: 9092, postgres: 5432, redis: 6379}
{{- end -}}

{{/* Egress rules to the servers that a process uses. Takes root and uses. */}}
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

{{/* Egress rule to the API of a model. Only its port is restricted: it runs outside the cluster or in an unknown namespace. */}}
{{- define "trading-platform.egressToModel" -}}
{{- with .Values.model.url }}
- ports: [{port: {{ include "trading-platform.portOfUrl" . }}}]
{{- end }}
{{- end -}}

{{/* Egress rule to the collector of telemetry, if the values name a collector. */}}
{{- define "trading-platform.egressToCollector" -}}
{{- with .Values.otlp.endpoint }}
- ports: [{port: {{ include "trading-platform.portOfUrl" . }}}]
{{- end }}
{{- end -}}

{{- define "trading-platform.ingressFromPrometheus" -}}
- from: {{- toYaml .Values.networkPolicy.prometheus | nindent 4 }}
  ports: [{port: 8001}]
{{- end -}}
