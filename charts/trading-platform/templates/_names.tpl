{{/* Names and labels. Objects are called what their users call them: one platform a namespace. */}}

{{- define "trading-platform.selectorLabels" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end -}}

{{/* Of every object of the chart. Takes root and name. */}}
{{- define "trading-platform.labels" -}}
{{ include "trading-platform.selectorLabels" . }}
app.kubernetes.io/part-of: trading-platform
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "trading-platform.metadata" -}}
name: {{ .name }}
namespace: {{ .root.Release.Namespace }}
labels: {{- include "trading-platform.labels" . | nindent 2 }}
{{- end -}}

{{/* Of an object without a namespace: two platforms in one cluster must not share it. Takes root and name. */}}
{{- define "trading-platform.clusterName" -}}
{{ .root.Release.Namespace }}-{{ .name }}
{{- end -}}

{{/* One of the platform's own images. Takes root and name. */}}
{{- define "trading-platform.ownImage" -}}
{{- $image := .root.Values.image -}}
{{ .root.Values.global.imageRegistry | default $image.registry }}/{{ $image.repository }}/{{ .name }}:{{ $image.tag | default .root.Chart.AppVersion }}
{{- end -}}

{{/* An image of others. Takes root and image. */}}
{{- define "trading-platform.image" -}}
{{ .root.Values.global.imageRegistry | default .image.registry }}/{{ .image.repository }}:{{ .image.tag }}
{{- end -}}

{{- define "trading-platform.imagePullSecrets" -}}
{{- with .Values.global.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The Prometheus that the controller asks and that may scrape: its base URL, or nothing. */}}
{{- define "trading-platform.prometheusUrl" -}}
{{- $stack := index .Values "kube-prometheus-stack" -}}
{{- if .Values.controller.prometheusUrl -}}
{{ .Values.controller.prometheusUrl }}
{{- else if $stack.enabled -}}
http://{{ $stack.fullnameOverride }}-prometheus.{{ .Release.Namespace }}.svc:9090
{{- end -}}
{{- end -}}
