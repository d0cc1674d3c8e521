{{/*
A process of the platform: its Deployment, ServiceAccount, PodDisruptionBudget and HorizontalPodAutoscaler.
Takes root, name, values, environment (a map), ports (a list), single (true: never two pods at once) and
serviceAccountToken (true: the process talks to the API server).
*/}}

{{/* Seconds that a stopping pod keeps serving, until the Service sends it no more requests. */}}
{{- define "trading-platform.drainSeconds" -}}5{{- end -}}

{{- define "trading-platform.process" -}}
{{ include "trading-platform.serviceAccount" . }}
---
{{ include "trading-platform.deployment" . }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{- include "trading-platform.metadata" . | nindent 2 }}
spec:
  maxUnavailable: {{ if kindIs "string" .values.podDisruptionBudget.maxUnavailable }}{{ .values.podDisruptionBudget.maxUnavailable | quote }}{{ else }}{{ int64 .values.podDisruptionBudget.maxUnavailable }}{{ end }}
  # An unhealthy pod must not block the drain of a node.
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels: {{- include "trading-platform.selectorLabels" . | nindent 6 }}
{{- if .values.autoscaling.enabled }}
---
{{ include "trading-platform.autoscaler" . }}
{{- end }}
{{- end -}}

{{- define "trading-platform.serviceAccount" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "trading-platform.metadata" . | nindent 2 }}
  {{- with (.values.serviceAccount).annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: false
{{- end -}}

{{- define "trading-platform.deployment" -}}
apiVersion: apps/v1
kind: Deployment
metadata: {{- include "trading-platform.metadata" . | nindent 2 }}
spec:
  {{- if not .values.autoscaling.enabled }}
  replicas: {{ int64 .values.replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  strategy:
    {{- if .single }}
    # Two pods at once would do the same work twice. The new pod resumes from state that is stored outside the pod.
    type: Recreate
    {{- else }}
    type: RollingUpdate
    # The new pod must be ready before an old pod is stopped.
    rollingUpdate: {maxSurge: 1, maxUnavailable: 0}
    {{- end }}
  selector:
    matchLabels: {{- include "trading-platform.selectorLabels" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "trading-platform.labels" . | nindent 8 }}
        {{- with .values.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- with .values.podAnnotations }}
      annotations: {{- toYaml . | nindent 8 }}
      {{- end }}
    spec: {{- include "trading-platform.pod" . | nindent 6 }}
{{- end -}}

{{- define "trading-platform.pod" -}}
{{- $drain := include "trading-platform.drainSeconds" . | int -}}
serviceAccountName: {{ .name | quote }}
automountServiceAccountToken: {{ .serviceAccountToken }}
# With service links, a Service named kafka would set KAFKA_PORT and similar variables in every pod.
enableServiceLinks: false
{{- include "trading-platform.imagePullSecrets" .root }}
securityContext: {{- include "trading-platform.podSecurityContext" 65532 | nindent 2 }}
# The time to finish work in progress, plus the drain before it, plus a margin for the kubelet.
terminationGracePeriodSeconds: {{ add .values.shutdownSeconds $drain 5 }}
{{- with .values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with .values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.topologyKeys }}
topologySpreadConstraints:
  {{- range . }}
  - topologyKey: {{ . | quote }}
    maxSkew: 1
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "trading-platform.selectorLabels" $ | nindent 8 }}
    matchLabelKeys: [pod-template-hash]
  {{- end }}
{{- end }}
containers:
  - name: {{ .name }}
    image: {{ include "trading-platform.ownImage" . | quote }}
    imagePullPolicy: {{ .root.Values.image.pullPolicy }}
    securityContext: {{- include "trading-platform.containerSecurityContext" . | nindent 6 }}
    env: {{- include "trading-platform.renderEnvironment" .environment | nindent 6 }}
    ports: {{- toYaml .ports | nindent 6 }}
    # A starting process may wait for its servers for any time, so only readiness depends on these servers. Liveness only
    # needs a response. On a node that starts many pods at once, Node.js alone takes a minute.
    startupProbe: {httpGet: {path: /healthz, port: metrics}, periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 90}
    livenessProbe: {httpGet: {path: /healthz, port: metrics}, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6}
    readinessProbe: {httpGet: {path: /readyz, port: metrics}, periodSeconds: 5, timeoutSeconds: 4}
    lifecycle: {preStop: {sleep: {seconds: {{ $drain }}}}}
    resources: {{- toYaml .values.resources | nindent 6 }}
    volumeMounts:
      - {name: tmp, mountPath: /tmp}
volumes:
  - {name: tmp, emptyDir: {sizeLimit: 64Mi}}
{{- end -}}

{{- define "trading-platform.autoscaler" -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{- include "trading-platform.metadata" . | nindent 2 }}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: {{ .name }}}
  {{- with .values.autoscaling }}
  minReplicas: {{ int64 .minReplicas }}
  maxReplicas: {{ int64 .maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target: {type: Utilization, averageUtilization: {{ int64 .targetCPUPercent }}}
  {{- end }}
  # Each change in the number of dispatchers reassigns partitions, so scale up at once but scale down slowly.
  behavior: {scaleDown: {stabilizationWindowSeconds: 300}}
{{- end -}}
