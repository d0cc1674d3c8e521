{{/* What is so of each service, whatever the values say: the servers it talks to, and whether there may be two of it. */}}
{{- define "trading-platform.serviceTable" -}}
backend: {uses: [kafka, postgres, redis], api: true}
celery-worker: {uses: [postgres, redis], model: true}
signal-generator: {uses: [kafka], single: true}
trigger-dispatcher: {uses: [kafka, postgres, redis]}
{{- end -}}

{{/* The values of a service over those of all services. Takes root and name. */}}
{{- define "trading-platform.serviceValues" -}}
{{ mergeOverwrite (deepCopy .root.Values.serviceDefaults) (deepCopy (index .root.Values.services .name)) | toYaml }}
{{- end -}}

{{/* Takes root, name, values and the service's line of the table. */}}
{{- define "trading-platform.serviceEnvironment" -}}
{{ include "trading-platform.environment.process" . }}
{{- range .service.uses }}
{{ include (printf "trading-platform.environment.%s" .) $.root }}
{{- end }}
{{- if .service.model }}
{{ include "trading-platform.environment.model" .root }}
{{- end }}
{{- if .service.api }}
API_HOST: 0.0.0.0
API_PORT: "8000"
{{ include "trading-platform.environment.pipelinesApi" .root }}
{{- end }}
{{- end -}}
