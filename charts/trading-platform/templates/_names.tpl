{{/* Names and labels. The names of objects have no prefix of the release, so a namespace holds one platform. */}}

{{- define "trading-platform.selectorLabels" -}}
app.kubernetes.io/name: {{ .name | quote }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
{{- end -}}

{{/* Metadata of every namespaced object of the chart. Takes root and name. */}}
{{- define "trading-platform.labels" -}}
{{ include "trading-platform.selectorLabels" . }}
app.kubernetes.io/part-of: trading-platform
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | quote }}
{{- end -}}

{{- define "trading-platform.metadata" -}}
name: {{ .name | quote }}
namespace: {{ .root.Release.Namespace | quote }}
labels: {{- include "trading-platform.labels" . | nindent 2 }}
{{- end -}}

{{/* Name of a cluster-scoped object. It contains the namespace, so that two platforms in a cluster do not share it. Takes root and name. */}}
{{- define "trading-platform.clusterName" -}}
{{ .root.Release.Namespace }}-{{ .name }}
{{- end -}}

{{/* Reference of one of the platform's own images. Takes root and name. */}}
{{- define "trading-platform.ownImage" -}}
{{- $image := .root.Values.image -}}
{{ (.root.Values.global).imageRegistry | default $image.registry }}/{{ $image.repository }}/{{ .name }}:{{ $image.tag | default .root.Chart.AppVersion }}{{ with index ($image.digests | default dict) .name }}{{ if not $image.tag }}@{{ . }}{{ end }}{{ end }}
{{- end -}}

{{/* Reference of a third-party image. Takes root and image. */}}
{{- define "trading-platform.image" -}}
{{ (.root.Values.global).imageRegistry | default .image.registry }}/{{ .image.repository }}:{{ .image.tag }}{{ with .image.digest }}@{{ . }}{{ end }}
{{- end -}}

{{- define "trading-platform.imagePullSecrets" -}}
{{- with (.Values.global).imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Base URL of the Prometheus that the controller queries; empty if there is none. */}}
{{- define "trading-platform.prometheusUrl" -}}
{{- $stack := index .Values "kube-prometheus-stack" -}}
{{- if .Values.controller.prometheusUrl -}}
{{ .Values.controller.prometheusUrl }}
{{- else if $stack.enabled -}}
http://{{ $stack.fullnameOverride }}-prometheus.{{ .Release.Namespace }}.svc:9090
{{- end -}}
{{- end -}}
