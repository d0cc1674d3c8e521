{{/* Helpers for environment variables. Each returns a map from the name of a variable to a string or to the content of `valueFrom`. */}}

{{/* Variables with the addresses of a process's servers: the chart's own servers, or the addresses and Secrets in the values. */}}
{{- define "trading-platform.environment.kafka" -}}
KAFKA_BROKERS: {{ .Values.kafka.external.brokers | join "," | default "kafka:9092" }}
{{- with .Values.kafka.external }}
{{- if .tls }}
KAFKA_TLS: "true"
{{- if .caSecret.name }}
KAFKA_CA: {secretKeyRef: {name: {{ .caSecret.name }}, key: {{ .caSecret.key }}}}
{{- end }}
{{- end }}
{{- if .sasl.mechanism }}
{{- $secret := required "kafka.external.sasl.secret.name is needed with kafka.external.sasl.mechanism" .sasl.secret.name }}
KAFKA_SASL_MECHANISM: {{ .sasl.mechanism }}
KAFKA_USERNAME: {secretKeyRef: {name: {{ $secret }}, key: {{ .sasl.secret.usernameKey }}}}
KAFKA_PASSWORD: {secretKeyRef: {name: {{ $secret }}, key: {{ .sasl.secret.passwordKey }}}}
{{- end }}
{{- end }}
{{- end -}}

{{- define "trading-platform.environment.postgres" -}}
{{- $secret := .Values.postgres.external.secret -}}
DATABASE_URL: {secretKeyRef: {name: {{ $secret.name | default "postgres" }}, key: {{ ternary $secret.key "url" (ne $secret.name "") }}}}
{{- end -}}

{{- define "trading-platform.environment.redis" -}}
{{- $secret := .Values.redis.external.secret -}}
REDIS_URL: {secretKeyRef: {name: {{ $secret.name | default "redis" }}, key: {{ ternary $secret.key "url" (ne $secret.name "") }}}}
{{- end -}}

{{/* Variables of the language model that agents call, if the values name a model. */}}
{{- define "trading-platform.environment.model" -}}
{{- with .Values.model }}
{{- if .url }}
MODEL_API_URL: {{ .url }}
MODEL_NAME: {{ required "model.name is needed with model.url" .name | quote }}
MODEL_AGENTS: {{ .agents | join "," }}
{{- with .secret }}
{{- if .name }}
MODEL_API_KEY: {secretKeyRef: {name: {{ .name }}, key: {{ .key }}}}
{{- end }}
{{- end }}
{{- with .price }}
{{- if ne (toString .inputUsdPerMillion) "" }}
MODEL_INPUT_USD_PER_MILLION: {{ toString .inputUsdPerMillion | quote }}
{{- end }}
{{- if ne (toString .outputUsdPerMillion) "" }}
MODEL_OUTPUT_USD_PER_MILLION: {{ toString .outputUsdPerMillion | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Variable with the token that the controller and the backend share. The controller sends it when it declares pipelines. */}}
{{- define "trading-platform.environment.pipelinesApi" -}}
PIPELINES_API_TOKEN: {secretKeyRef: {name: pipelines-api, key: token}}
{{- end -}}

{{/* Variables of every process of the platform. Takes root, name and the values of the process. */}}
{{- define "trading-platform.environment.process" -}}
METRICS_PORT: "8001"
{{- $host := printf "%s.%s" .name .root.Release.Namespace }}
HTTP_ALLOWED_HOSTS: {{ concat (list .name $host (printf "%s.svc" $host) (printf "%s.svc.cluster.local" $host)) .values.allowedHosts | join "," | quote }}
LOG_LEVEL: {{ .values.logLevel }}
SHUTDOWN_TIMEOUT_MS: {{ mul .values.shutdownSeconds 1000 | quote }}
{{- with .root.Values.otlp }}
{{- if .endpoint }}
OTEL_EXPORTER_OTLP_ENDPOINT: {{ .endpoint }}
OTEL_METRICS_EXPORTER: {{ ternary "otlp" "none" .metrics }}
OTEL_TRACES_EXPORTER: {{ ternary "otlp" "none" .traces }}
POD_NAME: {fieldRef: {fieldPath: metadata.name}}
OTEL_RESOURCE_ATTRIBUTES: k8s.namespace.name={{ $.root.Release.Namespace }},k8s.pod.name=$(POD_NAME)
{{- end }}
{{- end }}
{{- end -}}

{{/* Turns a map of variables into a list for `env`. Kubernetes expands $(NAME) only if NAME is defined earlier in the list, so variables that contain $(…) come last. */}}
{{- define "trading-platform.renderEnvironment" -}}
{{- $later := list -}}
{{- range $name, $value := . }}
{{- if kindIs "map" $value }}
- name: {{ $name }}
  valueFrom: {{- toYaml $value | nindent 4 }}
{{- else if contains "$(" (toString $value) }}
{{- $later = append $later (dict "name" $name "value" $value) }}
{{- else }}
- name: {{ $name }}
  value: {{ toString $value | quote }}
{{- end }}
{{- end }}
{{- with $later }}
{{ toYaml . }}
{{- end }}
{{- end -}}
