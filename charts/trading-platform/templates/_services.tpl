{{/* Fixed properties of each service: the servers that it uses, and whether it must run as a single pod. */}}
{{- define "trading-platform.serviceTable" -}}
backend: {uses: [kafka, postgres, redis], api: true}
celery-worker: {uses: [postgres, redis], model: true}
signal-generator: {uses: [kafka], single: true}
trigger-dispatcher: {uses: [kafka, postgres, redis]}
{{- end -}}

{{/* Merges the values of a service over serviceDefaults. Takes root and name. */}}
{{- define "trading-platform.serviceValues" -}}
{{ mergeOverwrite (deepCopy .root.Values.serviceDefaults) (deepCopy (index (.root.Values.services | default dict) .name | default dict)) | toYaml }}
{{- end -}}

{{/* Environment variables of a service. Takes root, name, values and the service's entry in the table of fixed properties. */}}
{{- define "trading-platform.serviceEnvironment" -}}
{{ include "trading-platform.environment.process" . }}
{{- range .service.uses }}
{{ include (printf "trading-platform.environment.%s" .) (dict "Values" $.root.Values "service" $.name) }}
{{- end }}
{{- if .service.model }}
{{ include "trading-platform.environment.model" .root }}
{{- end }}
{{- if .service.api }}
API_HOST: "::"
API_PORT: "8000"
{{ include "trading-platform.environment.pipelinesApi" .root }}
{{- end }}
{{- end -}}
