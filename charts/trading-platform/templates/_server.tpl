{{/*
A third-party server in one pod with a volume, for trying the platform out. For production, set the address of an external server instead.
Takes root, name, values (image, resources, storage), user (uid of the image), port, mountPath (of the volume),
and container (the rest of the container, a map). Optional: emptyDirs (paths to write to), volumes and volumeMounts (lists).
*/}}
{{- define "trading-platform.server" -}}
apiVersion: v1
kind: ServiceAccount
metadata: {{- include "trading-platform.metadata" . | nindent 2 }}
automountServiceAccountToken: false
---
apiVersion: v1
kind: Service
metadata: {{- include "trading-platform.metadata" . | nindent 2 }}
spec:
  clusterIP: None
  # A server must resolve its own name before it is ready.
  publishNotReadyAddresses: true
  selector: {{- include "trading-platform.selectorLabels" . | nindent 4 }}
  ports:
    - {name: {{ .name }}, port: {{ .port }}, targetPort: {{ .name }}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {{- include "trading-platform.metadata" . | nindent 2 }}
spec:
  serviceName: {{ .name }}
  replicas: 1
  selector:
    matchLabels: {{- include "trading-platform.selectorLabels" . | nindent 6 }}
  template:
    metadata:
      labels: {{- include "trading-platform.labels" . | nindent 8 }}
    spec: {{- include "trading-platform.serverPod" . | nindent 6 }}
  {{- if .values.storage.size }}
  volumeClaimTemplates:
    # Only labels that never change: a StatefulSet refuses an upgrade that changes the labels of its volumes.
    - metadata:
        name: data
        labels: {{- include "trading-platform.selectorLabels" . | nindent 10 }}
      spec:
        accessModes: [ReadWriteOnce]
        {{- with .values.storage.className }}
        storageClassName: {{ . | quote }}
        {{- end }}
        resources: {requests: {storage: {{ .values.storage.size | quote }}}}
  {{- end }}
{{- end -}}

{{- define "trading-platform.serverPod" -}}
{{- $mounts := list (dict "name" "data" "mountPath" .mountPath) -}}
{{- $volumes := .volumes | default list -}}
{{- if not .values.storage.size -}}
{{- $volumes = append $volumes (dict "name" "data" "emptyDir" dict) -}}
{{- end -}}
{{- range $index, $path := .emptyDirs -}}
{{- $mounts = append $mounts (dict "name" (printf "writable-%d" $index) "mountPath" $path) -}}
{{- $volumes = append $volumes (dict "name" (printf "writable-%d" $index) "emptyDir" dict) -}}
{{- end -}}
serviceAccountName: {{ .name }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- include "trading-platform.imagePullSecrets" .root }}
securityContext: {{- include "trading-platform.podSecurityContext" .user | nindent 2 }}
terminationGracePeriodSeconds: 60
containers:
  - name: {{ .name }}
    image: {{ include "trading-platform.image" (dict "root" .root "image" .values.image) | quote }}
    imagePullPolicy: {{ .root.Values.image.pullPolicy }}
    securityContext: {{- include "trading-platform.containerSecurityContext" . | nindent 6 }}
    ports:
      - {name: {{ .name }}, containerPort: {{ .port }}}
    startupProbe: {tcpSocket: {port: {{ .name }}}, periodSeconds: 2, failureThreshold: 150}
    livenessProbe: {tcpSocket: {port: {{ .name }}}, periodSeconds: 10, failureThreshold: 6}
    readinessProbe: {tcpSocket: {port: {{ .name }}}, periodSeconds: 5}
    resources: {{- toYaml .values.resources | nindent 6 }}
    volumeMounts: {{- concat $mounts (.volumeMounts | default list) | toYaml | nindent 6 }}
    {{- toYaml .container | nindent 4 }}
{{- with $volumes }}
volumes: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
