{{/*
An exporter for a server without metrics of its own. The TradingPipeline `exporters` lets Prometheus scrape it.
Takes root, name (of the server), probe (the path of a page that needs no server), environment (a map), and args (a list).
*/}}
{{- define "trading-platform.exporter" -}}
{{- $values := index .root.Values.exporters .name -}}
{{- $own := dict "root" .root "name" (printf "%s-exporter" .name) -}}
apiVersion: v1
kind: ServiceAccount
metadata: {{- include "trading-platform.metadata" $own | nindent 2 }}
automountServiceAccountToken: false
---
apiVersion: v1
kind: Service
metadata: {{- include "trading-platform.metadata" $own | nindent 2 }}
spec:
  clusterIP: None
  selector: {{- include "trading-platform.selectorLabels" $own | nindent 4 }}
  ports:
    - {name: metrics, port: {{ $values.port }}, targetPort: metrics}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{- include "trading-platform.metadata" $own | nindent 2 }}
spec:
  replicas: 1
  selector:
    matchLabels: {{- include "trading-platform.selectorLabels" $own | nindent 6 }}
  template:
    metadata:
      labels: {{- include "trading-platform.labels" $own | nindent 8 }}
    spec:
      serviceAccountName: {{ $own.name }}
      automountServiceAccountToken: false
      enableServiceLinks: false
      {{- include "trading-platform.imagePullSecrets" .root | nindent 6 }}
      securityContext: {{- include "trading-platform.podSecurityContext" 65534 | nindent 8 }}
      containers:
        - name: {{ $own.name }}
          image: {{ include "trading-platform.image" (dict "root" .root "image" $values.image) | quote }}
          imagePullPolicy: {{ .root.Values.image.pullPolicy }}
          securityContext: {{- include "trading-platform.containerSecurityContext" . | nindent 12 }}
          {{- with .args }}
          args: {{- toYaml . | nindent 12 }}
          {{- end }}
          {{- with include "trading-platform.renderEnvironment" .environment }}
          env: {{- . | nindent 12 }}
          {{- end }}
          ports:
            - {name: metrics, containerPort: {{ $values.port }}}
          # The probes ask for a page that needs no server, so that an outage of the server restarts no exporter.
          startupProbe: {httpGet: {path: {{ .probe }}, port: metrics}, periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 60}
          livenessProbe: {httpGet: {path: {{ .probe }}, port: metrics}, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6}
          readinessProbe: {httpGet: {path: {{ .probe }}, port: metrics}, periodSeconds: 5, timeoutSeconds: 4}
          resources: {{- toYaml $values.resources | nindent 12 }}
{{- if .root.Values.networkPolicy.enabled }}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{- include "trading-platform.metadata" $own | nindent 2 }}
spec:
  podSelector:
    matchLabels: {{- include "trading-platform.selectorLabels" $own | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    - from: {{- toYaml .root.Values.networkPolicy.prometheus | nindent 8 }}
      ports: [{port: {{ $values.port }}}]
  egress:
    {{- include "trading-platform.egressToServers" (dict "root" .root "uses" (list .name)) | nindent 4 }}
{{- end }}
{{- end -}}
