/** Describes a text that a condition in the templates shows or hides. */
interface Switch {
  /** Values of the chart in the first of two renderings; the chart's defaults if absent. */
  readonly given?: object;
  /** Values of the chart in the second rendering, in which the condition has the other outcome. */
  readonly set: object;
  /** Text that only the rendering with `set` contains. */
  readonly shows?: string;
  /** Text that only the rendering without `set` contains. */
  readonly hides?: string;
  /**
   * Template to render, if the condition is in a helper template that several templates include. If absent, the
   * template of the condition is rendered, or the whole chart if the condition is in a helper template.
   */
  readonly in?: string;
}

const kafkaSasl = { mechanism: 'plain', secret: { name: 'kafka-user' } };
const stackOff = { 'kube-prometheus-stack.enabled': false };
const kafkaExporter = { 'exporters.kafka.enabled': true };
const redisExporter = { 'exporters.redis.enabled': true };
const label = { 'monitoring.labels': { release: 'monitoring' } };
const collector = { 'otlp.endpoint': 'http://collector:4318' };
const backendScales = { 'services.backend.autoscaling.enabled': true };
const ownRedis = { 'redis.external.secret.name': 'own' };
const ownPostgres = { 'postgres.external.secret.name': 'own' };
const ownKafka = { 'kafka.external.brokers': ['one:9092', 'two:9093'] };
const model = { 'model.url': 'http://models:8123/v1', 'model.name': 'm' };
const digest = `sha256:${'0a'.repeat(32)}`;
const noController = { 'controller.enabled': false };

/** Every condition whose outcome depends on values alone, keyed by `file: condition`. */
export const switches: Readonly<Record<string, Switch>> = {
  'NOTES.txt: and $stack.enabled $stack.grafana.enabled': {
    set: { 'kube-prometheus-stack.grafana.enabled': false },
    hides: 'Open Grafana',
  },
  'NOTES.txt: not ((.Values.alerting).receivers).page': {
    set: { 'alerting.receivers.page': { webhook_configs: [{ url: 'http://pager' }] } },
    hides: 'alerting.receivers.page and .ticket',
  },
  'NOTES.txt: not (include "trading-platform.prometheusUrl" .)': {
    set: stackOff,
    shows: 'The controller does not know your Prometheus yet',
  },
  'NOTES.txt: not .Values.kafka.external.brokers': { set: ownKafka, hides: 'are single pods with a volume each' },

  '_environment.tpl: .tls': { set: { 'kafka.external.tls': true }, shows: 'name: "KAFKA_TLS"' },
  '_environment.tpl: .caSecret.name': {
    given: { 'kafka.external.tls': true },
    set: { 'kafka.external.tls': true, 'kafka.external.caSecret.name': 'ca' },
    shows: 'name: "KAFKA_CA"',
  },
  '_environment.tpl: .sasl.mechanism': {
    set: { 'kafka.external.sasl': kafkaSasl },
    shows: 'name: "KAFKA_SASL_MECHANISM"',
  },
  '_environment.tpl: .endpoint': { set: collector, shows: 'name: "OTEL_EXPORTER_OTLP_ENDPOINT"' },
  '_environment.tpl: hasKey ($.values.env | default dict) "AWS_REGION"': {
    given: collector,
    set: { ...collector, 'serviceDefaults.env': { AWS_REGION: 'eu-west-1' } },
    shows: 'cloud.region=$(AWS_REGION)',
  },

  '_environment.tpl: .url': { set: model, shows: 'name: "MODEL_API_URL"' },
  '_environment.tpl: .name': {
    given: model,
    set: { ...model, 'model.secret.name': 'key' },
    shows: 'name: "MODEL_API_KEY"',
  },
  '_environment.tpl: not (has .inputUsdPerMillion (list nil ""))': {
    given: model,
    set: { ...model, 'model.price.inputUsdPerMillion': 2 },
    shows: 'name: "MODEL_INPUT_USD_PER_MILLION"',
  },
  '_environment.tpl: not (has .outputUsdPerMillion (list nil ""))': {
    given: model,
    set: { ...model, 'model.price.outputUsdPerMillion': 2 },
    shows: 'name: "MODEL_OUTPUT_USD_PER_MILLION"',
  },

  '_exporter.tpl: .args': { set: kafkaExporter, shows: '--kafka.server=kafka:9092' },
  '_exporter.tpl: include "trading-platform.renderEnvironment" .environment': {
    set: redisExporter,
    shows: 'name: "REDIS_ADDR"',
  },
  '_exporter.tpl: .root.Values.networkPolicy.enabled': {
    given: redisExporter,
    set: { ...redisExporter, 'networkPolicy.enabled': false },
    hides: 'kind: NetworkPolicy',
    in: 'exporters.yaml',
  },

  '_names.tpl: (.Values.global).imagePullSecrets': {
    set: { 'global.imagePullSecrets': [{ name: 'pull' }] },
    shows: '- name: pull',
  },
  '_names.tpl: .Values.controller.prometheusUrl': {
    set: { 'controller.prometheusUrl': 'http://elsewhere:9090' },
    shows: 'http://elsewhere:9090',
  },
  '_names.tpl: $stack.enabled': { set: stackOff, hides: 'http://monitoring-prometheus.' },

  '_names.tpl: index ($image.digests | default dict) .name': {
    set: { 'image.digests.backend': digest },
    shows: `backend:0.1.0@${digest}`,
  },
  '_names.tpl: not $image.tag': {
    given: { 'image.digests.backend': digest },
    set: { 'image.digests.backend': digest, 'image.tag': 'mine' },
    hides: digest,
  },
  '_names.tpl: .image.digest': { set: { 'redis.image.digest': digest }, shows: `library/redis:7.2.11@${digest}` },

  '_network.tpl: $server.external.secret.name': {
    set: { ...ownRedis, 'redis.external.port': 6399 },
    shows: '{port: 6399}',
  },
  '_network.tpl: $external': { set: ownRedis, shows: '- ports: [{port: 6379}]' },
  '_network.tpl: $index': { set: ownKafka, shows: '[{port: 9092}, {port: 9093}]' },
  '_network.tpl: .Values.otlp.endpoint': { set: collector, shows: '{port: 4318}' },

  '_network.tpl: .Values.model.url': { set: model, shows: '{port: 8123}' },

  '_process.tpl: .values.autoscaling.enabled': { set: backendScales, shows: 'kind: HorizontalPodAutoscaler' },
  '_process.tpl: not .values.autoscaling.enabled': {
    given: { 'services.backend.replicas': 7 },
    set: { ...backendScales, 'services.backend.replicas': 7 },
    hides: 'replicas: 7',
  },
  '_process.tpl: (.values.serviceAccount).annotations': {
    set: { 'services.backend.serviceAccount.annotations': { role: 'some' } },
    shows: 'role: some',
  },
  '_process.tpl: .values.podLabels': { set: { 'services.backend.podLabels': { desk: 'fx' } }, shows: 'desk: fx' },
  '_process.tpl: .values.podAnnotations': {
    set: { 'services.backend.podAnnotations': { desk: 'fx' } },
    shows: 'desk: fx',
  },
  '_process.tpl: .values.priorityClassName': {
    set: { 'services.backend.priorityClassName': 'high' },
    shows: 'priorityClassName: "high"',
  },
  '_process.tpl: .values.nodeSelector': {
    set: { 'services.backend.nodeSelector': { disk: 'fast' } },
    shows: 'disk: fast',
  },
  '_process.tpl: .values.tolerations': {
    set: { 'services.backend.tolerations': [{ key: 'trading' }] },
    shows: '- key: trading',
  },
  '_process.tpl: .values.affinity': {
    set: { 'services.backend.affinity': { podAntiAffinity: {} } },
    shows: 'podAntiAffinity',
  },
  '_process.tpl: .values.topologyKeys': {
    set: { 'serviceDefaults.topologyKeys': [] },
    hides: 'topologySpreadConstraints',
  },

  '_server.tpl: .values.storage.size': {
    set: { 'redis.storage.size': '' },
    hides: 'volumeClaimTemplates',
    in: 'redis.yaml',
  },
  '_server.tpl: not .values.storage.size': { set: { 'redis.storage.size': '' }, shows: 'emptyDir', in: 'redis.yaml' },
  '_server.tpl: .values.storage.className': {
    set: { 'redis.storage.className': 'fast' },
    shows: 'storageClassName: "fast"',
  },

  'alertmanager.yaml: and $stack.enabled $stack.alertmanager.alertmanagerSpec.useExistingSecret': {
    set: { 'kube-prometheus-stack.alertmanager.alertmanagerSpec.useExistingSecret': false },
    hides: 'alertmanager.yaml:',
  },
  'controller-rbac.yaml: .Values.controller.enabled': { set: noController, hides: 'kind: ClusterRole' },
  'controller-rbac.yaml: .Values.controller.admissionPolicy': {
    set: { 'controller.admissionPolicy': false },
    hides: 'kind: ValidatingAdmissionPolicy',
  },
  'controller.yaml: .Values.controller.enabled': { set: noController, hides: 'kind: Deployment' },
  'controller.yaml: include "trading-platform.prometheusUrl" .': { set: stackOff, hides: 'name: "PROMETHEUS_URL"' },

  'crd-upgrade.yaml: .Values.crd.upgrade': { set: { 'crd.upgrade': false }, hides: 'kind: Job' },
  'crd-upgrade.yaml: .Values.serviceDefaults.tolerations': {
    set: { 'serviceDefaults.tolerations': [{ key: 'trading' }] },
    shows: '- key: trading',
  },
  'crd-upgrade.yaml: .Values.serviceDefaults.nodeSelector': {
    set: { 'serviceDefaults.nodeSelector': { disk: 'fast' } },
    shows: 'disk: fast',
  },

  'database.yaml: (include "trading-platform.postgresSecret" $ | fromYaml).serviceKeys': {
    set: ownPostgres,
    hides: 'kind: Job',
  },
  'database.yaml: .Values.serviceDefaults.tolerations': {
    set: { 'serviceDefaults.tolerations': [{ key: 'trading' }] },
    shows: '- key: trading',
  },
  'database.yaml: .Values.serviceDefaults.nodeSelector': {
    set: { 'serviceDefaults.nodeSelector': { disk: 'fast' } },
    shows: 'disk: fast',
  },
  'database.yaml: .Values.networkPolicy.enabled': {
    set: { 'networkPolicy.enabled': false },
    hides: 'kind: NetworkPolicy',
  },

  'exporters.yaml: $values.enabled': { set: redisExporter, shows: 'kind: Deployment' },
  'exporters.yaml: eq $name "kafka"': { set: kafkaExporter, shows: '--kafka.server=' },
  'exporters.yaml: eq $name "postgres"': {
    set: { 'exporters.postgres.enabled': true },
    shows: 'name: DATA_SOURCE_NAME',
  },
  'exporters.yaml: $services': { set: redisExporter, shows: 'kind: TradingPipeline' },
  'exporters.yaml: $.Values.monitoring.labels': {
    given: redisExporter,
    set: { ...redisExporter, ...label },
    shows: 'release: monitoring',
  },

  'kafka.yaml: not .Values.kafka.external.brokers': { set: ownKafka, hides: 'kind: StatefulSet' },
  'postgres.yaml: not .Values.postgres.external.secret.name': { set: ownPostgres, hides: 'kind: StatefulSet' },
  'redis.yaml: not .Values.redis.external.secret.name': { set: ownRedis, hides: 'kind: StatefulSet' },

  'network-policies.yaml: .Values.networkPolicy.enabled': {
    set: { 'networkPolicy.enabled': false },
    hides: 'kind: NetworkPolicy',
  },
  'network-policies.yaml: $.Values.api.clients': {
    set: { 'api.clients': [{ ipBlock: { cidr: '10.1.0.0/16' } }] },
    shows: 'cidr: 10.1.0.0/16',
  },
  'network-policies.yaml: $values.egress': {
    set: { 'services.backend.egress': [{ ports: [{ port: 4444 }] }] },
    shows: 'port: 4444',
  },
  'network-policies.yaml: .Values.controller.enabled': {
    set: noController,
    hides: 'app.kubernetes.io/name: "controller"',
  },
  'network-policies.yaml: include "trading-platform.prometheusUrl" .': { set: stackOff, hides: '{port: 9090}' },
  'network-policies.yaml: .Values.controller.egress': {
    set: { 'controller.egress': [{ ports: [{ port: 4444 }] }] },
    shows: 'port: 4444',
  },
  'network-policies.yaml: not (include "trading-platform.externalPorts" (dict "root" $ "kind" $kind))': {
    set: ownRedis,
    hides: 'app.kubernetes.io/name: "redis"',
  },

  'secrets.yaml: not (or .Values.postgres.external.secret.name .Values.postgres.existingSecret)': {
    set: ownPostgres,
    hides: 'url: postgres:',
  },
  'secrets.yaml: not (or .Values.redis.external.secret.name .Values.redis.existingSecret)': {
    set: ownRedis,
    hides: 'url: redis:',
  },
  'secrets.yaml: not .Values.pipelinesApi.existingSecret': {
    set: { 'pipelinesApi.existingSecret': 'own' },
    hides: 'token: ',
  },
  'secrets.yaml: and $stack.enabled $stack.grafana.enabled (eq ($stack.grafana.admin.existingSecret | default "") "grafana-admin")':
    {
      set: { 'kube-prometheus-stack.grafana.admin.existingSecret': 'own' },
      hides: 'admin-password:',
    },

  'self-monitoring.yaml: and .Values.controller.enabled .Values.monitoring.operator': {
    set: { 'monitoring.operator': false },
    hides: 'kind: PrometheusRule',
  },
  'self-monitoring.yaml: $.Values.monitoring.labels': { set: label, shows: 'release: monitoring' },

  'services.yaml: $.Values.api.annotations': { set: { 'api.annotations': { lb: 'internal' } }, shows: 'lb: internal' },
  'services.yaml: and $.Values.api.nodePort (eq $.Values.api.type "NodePort")': {
    given: { 'api.nodePort': 30080 },
    set: { 'api.nodePort': 30080, 'api.type': 'NodePort' },
    shows: 'nodePort: 30080',
  },

  'trading-pipeline.yaml: .enabled': { set: { 'tradingPipeline.enabled': false }, hides: 'kind: TradingPipeline' },
};

/** Conditions whose outcome does not depend on values alone. Each is mapped to the beginning of the title of the test that covers it. */
export const heldElsewhere: Readonly<Record<string, string>> = {
  // these conditions depend on the table of services in _services.tpl
  '_services.tpl: .service.api': 'starts its own Kafka, Redis and Postgres',
  'services.yaml: $service.api': 'starts its own Kafka, Redis and Postgres',
  'network-policies.yaml: $service.api': 'denies all traffic except between processes',
  '_services.tpl: .service.model': 'calls a model only if the values name one',
  'network-policies.yaml: $service.model': 'calls a model only if the values name one',
  '_process.tpl: .single': 'never runs two signal-generators at once',
  '_network.tpl: eq .kind "kafka"': 'can use servers of your own',
  // each of these conditions is a `with` on a map that always exists
  '_environment.tpl: .Values.kafka.external': 'authenticates to a Kafka of your own',
  '_environment.tpl: .root.Values.otlp': 'sends telemetry to a collector',
  '_environment.tpl: .Values.model': 'calls a model only if the values name one',
  '_environment.tpl: .secret': 'calls a model only if the values name one',
  '_environment.tpl: .price': 'calls a model only if the values name one',
  '_process.tpl: .values.autoscaling': 'sets no number of replicas for a service with an autoscaler',
  'trading-pipeline.yaml: .Values.tradingPipeline': 'installs the TradingPipeline of the examples',
  '_environment.tpl: $external.secret.name': 'gives each service a role of Postgres',
  '_environment.tpl: has "postgres" $service.uses': 'gives each service a role of Postgres',
  // these conditions choose how environment variables and volumes are written
  '_environment.tpl: kindIs "map" $value': 'are named by a TradingPipeline, and the servers let them in',
  '_environment.tpl: contains "$(" (toString $value)': 'are named by a TradingPipeline, and the servers let them in',
  '_environment.tpl: kindIs "float64" .value': 'of any size keeps its digits',
  '_environment.tpl: or (gt .value 9007199254740991.0) (lt .value -9007199254740991.0)': 'that has lost digits',
  '_environment.tpl: contains "e" $text': 'of any size keeps its digits',
  '_process.tpl: kindIs "string" .values.podDisruptionBudget.maxUnavailable': 'is never written with an exponent',
  '_environment.tpl: $later': 'are named by a TradingPipeline, and the servers let them in',
  '_server.tpl: $volumes': 'accepts every pod in a namespace that enforces the restricted Pod Security Standard',
  // these conditions depend on Secrets that already exist in the cluster
  '_secrets.tpl: $there': 'keeps passwords on upgrade',
  '_secrets.tpl: not (and $there (index $there.data .key))': 'keeps passwords on upgrade',
};
