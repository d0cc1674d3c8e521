{{/* Helpers for environment variables. Each returns a map from the name of a variable to a string or to the content of `valueFrom`. */}}

{{/*
The text of a value that may be a number: 10485760, never 1.048576e+07, the form in which templates print large numbers. Helm reads
numbers as floating point, so an integer above 2^53 has lost its last digits before any template sees it. Takes path and value.
*/}}
{{- define "trading-platform.text" -}}
{{- if kindIs "float64" .value -}}
{{- if or (gt .value 9007199254740991.0) (lt .value -9007199254740991.0) -}}
{{- fail (printf "%s: expected text, or a number of at most 9007199254740991, got %s: put it in quotes" .path (toJson .value)) -}}
{{- end -}}
{{- $text := toJson .value -}}
{{- if contains "e" $text }}{{ $text = regexReplaceAll "0+$" (printf "%.15f" .value) "" }}{{ end -}}
{{- $text -}}
{{- else -}}
{{- toString .value -}}
{{- end -}}
{{- end -}}

{{/* The content of `valueFrom` for a key of a Secret. Takes name and key. */}}
{{- define "trading-platform.secretRef" -}}
{secretKeyRef: {name: {{ .name | quote }}, key: {{ .key | quote }}}}
{{- end -}}

{{/* Variables with the addresses of a process's servers: the chart's own servers, or the addresses and Secrets in the values. */}}
{{- define "trading-platform.environment.kafka" -}}
KAFKA_BROKERS: {{ .Values.kafka.external.brokers | join "," | default "kafka:9092" | quote }}
{{- with .Values.kafka.external }}
{{- if .tls }}
KAFKA_TLS: "true"
{{- if .caSecret.name }}
KAFKA_CA: {{ include "trading-platform.secretRef" .caSecret }}
{{- end }}
{{- end }}
{{- if .sasl.mechanism }}
{{- $secret := required "kafka.external.sasl.secret.name is needed with kafka.external.sasl.mechanism" .sasl.secret.name }}
KAFKA_SASL_MECHANISM: {{ .sasl.mechanism }}
KAFKA_USERNAME: {{ include "trading-platform.secretRef" (dict "name" $secret "key" .sasl.secret.usernameKey) }}
KAFKA_PASSWORD: {{ include "trading-platform.secretRef" (dict "name" $secret "key" .sasl.secret.passwordKey) }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Takes Values, and service if the process is a service: then the URL is that of the role of the service, if there are roles. */}}
{{- define "trading-platform.environment.postgres" -}}
{{- $secret := include "trading-platform.postgresSecret" . | fromYaml -}}
DATABASE_URL: {{ include "trading-platform.secretRef" (dict "name" $secret.name "key" (index $secret.serviceKeys (.service | default "") | default $secret.key)) }}
{{- end -}}

{{/* The Secret with the URLs of Postgres: its name, the key of the owner's URL, and the keys of the URLs of the services' own roles, by service. */}}
{{- define "trading-platform.postgresSecret" -}}
{{- $external := .Values.postgres.external -}}
{{- if $external.secret.name -}}
{{ toJson (dict "name" $external.secret.name "key" $external.secret.key "serviceKeys" ($external.serviceKeys | default dict)) }}
{{- else -}}
{{- $keys := dict -}}
{{- range include "trading-platform.databaseServices" . | fromYamlArray }}{{ $_ := set $keys . (printf "%s-url" .) }}{{ end -}}
{{ toJson (dict "name" (.Values.postgres.existingSecret | default "postgres") "key" "url" "serviceKeys" $keys) }}
{{- end -}}
{{- end -}}

{{/* The services that use Postgres, as a list. */}}
{{- define "trading-platform.databaseServices" -}}
{{- range $name, $service := include "trading-platform.serviceTable" . | fromYaml }}
{{- if has "postgres" $service.uses }}
- {{ $name }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "trading-platform.environment.redis" -}}
{{- $secret := .Values.redis.external.secret -}}
{{- $own := dict "name" (.Values.redis.existingSecret | default "redis") "key" "url" -}}
REDIS_URL: {{ include "trading-platform.secretRef" (ternary $own $secret (empty $secret.name)) }}
{{- end -}}

{{/* Variables of the language model that agents call, if the values name a model. */}}
{{- define "trading-platform.environment.model" -}}
{{- with .Values.model }}
{{- if .url }}
MODEL_API_URL: {{ .url | quote }}
MODEL_NAME: {{ required "model.name is needed with model.url" .name | quote }}
MODEL_AGENTS: {{ .agents | join "," | quote }}
{{- with .secret }}
{{- if .name }}
MODEL_API_KEY: {{ include "trading-platform.secretRef" . }}
{{- end }}
{{- end }}
{{- with .price }}
{{- if not (has .inputUsdPerMillion (list nil "")) }}
MODEL_INPUT_USD_PER_MILLION: {{ include "trading-platform.text" (dict "path" "model.price.inputUsdPerMillion" "value" .inputUsdPerMillion) | quote }}
{{- end }}
{{- if not (has .outputUsdPerMillion (list nil "")) }}
MODEL_OUTPUT_USD_PER_MILLION: {{ include "trading-platform.text" (dict "path" "model.price.outputUsdPerMillion" "value" .outputUsdPerMillion) | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Variable with the token that the controller and the backend share. The controller sends it when it declares pipelines. */}}
{{- define "trading-platform.environment.pipelinesApi" -}}
PIPELINES_API_TOKEN: {{ include "trading-platform.secretRef" (dict "name" (.Values.pipelinesApi.existingSecret | default "pipelines-api") "key" .Values.pipelinesApi.key) }}
{{- end -}}

{{/* Variables of every process of the platform. Takes root, name and the values of the process. */}}
{{- define "trading-platform.environment.process" -}}
METRICS_PORT: "8001"
{{- $host := printf "%s.%s" .name .root.Release.Namespace }}
HTTP_ALLOWED_HOSTS: {{ concat (list .name $host (printf "%s.svc" $host) (printf "%s.svc.cluster.local" $host)) .values.allowedHosts | join "," | quote }}
LOG_LEVEL: {{ .values.logLevel | quote }}
SHUTDOWN_TIMEOUT_MS: {{ mul .values.shutdownSeconds 1000 | quote }}
{{- with .root.Values.otlp }}
{{- if .endpoint }}
OTEL_EXPORTER_OTLP_ENDPOINT: {{ .endpoint | quote }}
OTEL_METRICS_EXPORTER: {{ ternary "otlp" "none" .metrics | quote }}
OTEL_TRACES_EXPORTER: {{ ternary "otlp" "none" .traces | quote }}
OTEL_LOGS_EXPORTER: {{ ternary "otlp" "none" .logs | quote }}
POD_NAME: {fieldRef: {fieldPath: metadata.name}}
OTEL_RESOURCE_ATTRIBUTES: k8s.namespace.name={{ $.root.Release.Namespace }},k8s.pod.name=$(POD_NAME){{ if hasKey ($.values.env | default dict) "AWS_REGION" }},cloud.provider=aws,cloud.region=$(AWS_REGION){{ end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Turns a map of variables into a list for `env`. Kubernetes expands $(NAME) only if NAME is defined earlier in the list, so variables that contain $(…) come last. */}}
{{- define "trading-platform.renderEnvironment" -}}
{{- $later := list -}}
{{- range $name, $value := . }}
{{- if kindIs "map" $value }}
- name: {{ $name | quote }}
  valueFrom: {{- toYaml $value | nindent 4 }}
{{- else if contains "$(" (toString $value) }}
{{- $later = append $later (dict "name" $name "value" $value) }}
{{- else }}
- name: {{ $name | quote }}
  value: {{ include "trading-platform.text" (dict "path" (printf "env.%s" $name) "value" $value) | quote }}
{{- end }}
{{- end }}
{{- with $later }}
{{ toYaml . }}
{{- end }}
{{- end -}}
