import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { serviceNames } from '#catalogue/services.ts';
import { buildAlertmanagerConfig } from '#controller/compile/alerts/alertmanager-config.ts';
import { chartFolder } from '#tools/chart/stage-chart.ts';
import { addresses } from '#tools/deploy/kind.ts';
import { find, installations, type Manifest, need, renderChart, runHelm, useStagedChart, valueArgs } from './helm.ts';

const servers = ['kafka', 'postgres', 'redis'];
const chart = useStagedChart();

function podOf(workload: Manifest): Manifest {
  return workload.spec.template.spec;
}

function environmentOf(workload: Manifest): Record<string, unknown> {
  const entries: { name: string; value?: string; valueFrom?: object }[] = podOf(workload).containers[0].env;
  return Object.fromEntries(entries.map(({ name, value, valueFrom }) => [name, value ?? valueFrom]));
}

describe.each(installations)('the chart with %s', (_, values) => {
  let objects: Manifest[];
  beforeAll(async () => {
    objects = await renderChart(chart(), values);
  });

  it('passes helm lint --strict', async () => {
    await expect(runHelm(['lint', '--strict', chart(), ...valueArgs(chart(), values)])).resolves.toContain(
      '0 chart(s) failed',
    );
  });

  it('has no two objects of one kind and name, a Deployment and a Service for each service, and no ServiceMonitor for them', () => {
    const names = objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(names).toHaveLength(new Set(names).size);
    for (const name of serviceNames) {
      const ports = need(objects, 'Service', name).spec.ports.map((port: { name: string }) => port.name);
      expect(ports).toContain('metrics');
      expect(need(objects, 'Service', name).metadata.labels).toMatchObject({ 'app.kubernetes.io/name': name });
      need(objects, 'Deployment', name);
    }
    // the controller creates the ServiceMonitors of the services. If the chart created them too, Helm and the
    // controller would undo each other's changes
    const monitors = objects.filter(({ kind }) => kind === 'ServiceMonitor');
    expect(monitors.map(({ metadata }) => metadata.name)).toEqual(['controller']);
  });

  it('gives an API server token only to the controller and to the Job that upgrades the CRD', () => {
    const workloads = objects.filter(({ kind }) => ['Deployment', 'StatefulSet', 'Job'].includes(kind));
    const withToken = workloads.filter((object) => podOf(object).automountServiceAccountToken !== false);
    expect(withToken.map(({ metadata }) => metadata.name).sort()).toEqual(['controller', 'crd-upgrade']);
  });

  it('gives each process a grace period longer than its drain and shutdown together', () => {
    for (const name of [...serviceNames, 'controller']) {
      const deployment = need(objects, 'Deployment', name);
      const { terminationGracePeriodSeconds: grace, containers } = podOf(deployment);
      const drain = containers[0].lifecycle.preStop.sleep.seconds;
      expect(grace * 1_000).toBeGreaterThan(drain * 1_000 + Number(environmentOf(deployment).SHUTDOWN_TIMEOUT_MS));
    }
  });
});

describe('the chart', () => {
  it('and its images have the version of package.json', async () => {
    const { version } = JSON.parse(readFileSync(join(chartFolder, '..', '..', 'package.json'), 'utf8'));
    expect(parse(readFileSync(join(chartFolder, 'Chart.yaml'), 'utf8'))).toMatchObject({
      version,
      appVersion: version,
    });
    const objects = await renderChart(chart());
    const images = serviceNames.map((name) => podOf(need(objects, 'Deployment', name)).containers[0].image);
    expect(images).toEqual(serviceNames.map((name) => `ghcr.io/trading-platform/${name}:${version}`));
  });

  it('locks the version of kube-prometheus-stack in Chart.lock', () => {
    const parsed = (file: string) => parse(readFileSync(join(chartFolder, file), 'utf8'));
    const [wanted] = parsed('Chart.yaml').dependencies;
    const { dependencies, digest } = parsed('Chart.lock');
    const locked = { name: wanted.name, version: wanted.version, repository: wanted.repository };
    expect(dependencies).toEqual([locked]);
    // as Helm computes it; if it differs, `helm dependency build` refuses the chart
    const hash = createHash('sha256').update(JSON.stringify([[{ ...locked, condition: wanted.condition }], [locked]]));
    expect(digest).toBe(`sha256:${hash.digest('hex')}`);
  });

  it('takes every image from one registry if global.imageRegistry is set', async () => {
    const objects = await renderChart(chart(), { set: { 'global.imageRegistry': 'mirror.example.com' } });
    const pods = objects.filter(({ kind }) => ['Deployment', 'StatefulSet', 'Job'].includes(kind)).map(podOf);
    const images: string[] = pods.flatMap((pod) => pod.containers.map(({ image }: { image: string }) => image));
    expect(images.length).toBeGreaterThan(8);
    expect(images.filter((image) => !image.startsWith('mirror.example.com/'))).toEqual([]);
  });

  it('never runs two signal-generators at once, and updates all other processes without downtime', async () => {
    const objects = await renderChart(chart());
    for (const name of serviceNames) {
      const { strategy, replicas } = need(objects, 'Deployment', name).spec;
      if (name === 'signal-generator') expect([strategy.type, replicas]).toEqual(['Recreate', 1]);
      else expect(strategy.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });
    }
  });

  it('starts its own Kafka, Redis and Postgres, with a Postgres password that is new in every rendering', async () => {
    const [one, other] = [await renderChart(chart()), await renderChart(chart())];
    for (const name of servers) need(one, 'StatefulSet', name);
    expect(environmentOf(need(one, 'Deployment', 'backend'))).toMatchObject({
      KAFKA_BROKERS: 'kafka:9092',
      DATABASE_URL: { secretKeyRef: { name: 'postgres', key: 'backend-url' } },
      REDIS_URL: { secretKeyRef: { name: 'redis', key: 'url' } },
      API_HOST: '::',
    });
    const passwordOf = (objects: Manifest[]) => need(objects, 'Secret', 'postgres').stringData.password;
    expect(passwordOf(one)).toMatch(/^\w{32}$/);
    expect(passwordOf(one)).not.toBe(passwordOf(other));
  });

  it('answers to the names of its Services, and to those in the values', async () => {
    const objects = await renderChart(chart(), { set: { 'services.backend.allowedHosts': ['trading.example.com'] } });
    const hostsOf = (name: string) => environmentOf(need(objects, 'Deployment', name)).HTTP_ALLOWED_HOSTS;
    const namespace = need(objects, 'Deployment', 'backend').metadata.namespace;
    const own = (name: string) =>
      ['', `.${namespace}`, `.${namespace}.svc`, `.${namespace}.svc.cluster.local`]
        .map((end) => `${name}${end}`)
        .join(',');
    expect(hostsOf('backend')).toBe(`${own('backend')},trading.example.com`);
    for (const name of [...serviceNames.filter((service) => service !== 'backend'), 'controller']) {
      expect(hostsOf(name)).toBe(own(name));
    }
  });

  it('gives each service a role of Postgres, which a Job creates; a Postgres of your own has roles if the values name their keys', async () => {
    const urlsOf = (objects: Manifest[]) =>
      ['backend', 'celery-worker', 'trigger-dispatcher'].map(
        (name) => environmentOf(need(objects, 'Deployment', name)).DATABASE_URL as { secretKeyRef: { key: string } },
      );
    const jobOf = (objects: Manifest[]) =>
      objects.find(({ kind, metadata }) => kind === 'Job' && metadata.name.startsWith('database-'));
    const own = await renderChart(chart());
    const keys = ['backend-url', 'celery-worker-url', 'trigger-dispatcher-url'];
    expect(urlsOf(own).map(({ secretKeyRef }) => secretKeyRef.key)).toEqual(keys);
    expect(environmentOf(jobOf(own)!)).toEqual({
      DATABASE_URL: { secretKeyRef: { name: 'postgres', key: 'url' } },
      ...Object.fromEntries(
        keys.map((key) => [
          `${key.replace(/-url$/, '').toUpperCase().replace('-', '_')}_DATABASE_URL`,
          { secretKeyRef: { name: 'postgres', key } },
        ]),
      ),
    });
    const { stringData } = need(own, 'Secret', 'postgres');
    expect(new Set(['url', ...keys].map((key) => new URL(stringData[key]).password)).size).toBe(4);
    const from = need(own, 'NetworkPolicy', 'postgres').spec.ingress[0].from[0].podSelector.matchExpressions[0].values;
    expect(from).toContain('database');

    const external = await renderChart(chart(), { files: ['production.yaml'] });
    expect(jobOf(external)).toBeUndefined();
    const serviceKeys = { backend: 'b', 'celery-worker': 'w', 'trigger-dispatcher': 'd' };
    const set = { 'postgres.external.serviceKeys': serviceKeys };
    const withRoles = await renderChart(chart(), { files: ['production.yaml'], set });
    expect(urlsOf(withRoles).map(({ secretKeyRef }) => secretKeyRef)).toEqual(
      ['b', 'w', 'd'].map((key) => ({ name: 'trading-db-app', key })),
    );
    expect(environmentOf(jobOf(withRoles)!).DATABASE_URL).toEqual({
      secretKeyRef: { name: 'trading-db-app', key: 'uri' },
    });
  });

  it('gives the Job of the database another name whenever its pod changes, because the pod of a Job is immutable', async () => {
    const jobWith = async (set: object) => {
      const objects = await renderChart(chart(), { set });
      const job = objects.find(({ kind, metadata }) => kind === 'Job' && metadata.name.startsWith('database-'))!;
      return { name: job.metadata.name, pod: JSON.stringify(job.spec.template) };
    };
    const before = await jobWith({});
    expect(await jobWith({ 'services.backend.replicas': 3 })).toEqual(before);
    const changes = [
      { 'serviceDefaults.tolerations': [{ key: 'trading' }] },
      { 'serviceDefaults.nodeSelector': { disk: 'fast' } },
      { 'global.imagePullSecrets': [{ name: 'pull' }] },
      { 'image.pullPolicy': 'Always' },
      { 'image.tag': 'mine' },
      { 'postgres.existingSecret': 'own' },
    ];
    const names = [before.name];
    for (const change of changes) {
      const { name, pod } = await jobWith(change);
      expect(pod).not.toBe(before.pod);
      names.push(name);
    }
    expect(new Set(names).size).toBe(names.length);
  });

  it('renders the same objects each time, and no Secret with a password, if every Secret is your own', async () => {
    const [one, other] = [1, 2].map(() => renderChart(chart(), { files: ['gitops.yaml'] }));
    expect(await one).toEqual(await other);
    const secrets = (await one)!.filter(({ kind }) => kind === 'Secret').map(({ metadata }) => metadata.name);
    expect(secrets).toEqual(['alertmanager-trading-platform']);
    for (const name of ['backend', 'controller'])
      expect(environmentOf(need((await one)!, 'Deployment', name)).PIPELINES_API_TOKEN).toEqual({
        secretKeyRef: { name: 'trading-pipelines-api', key: 'token' },
      });
    const text = JSON.stringify(await one);
    for (const name of ['redis', 'postgres', 'pipelines-api', 'grafana-admin'])
      expect(text).not.toContain(`"secretKeyRef":{"key":"password","name":"${name}"}`);
  });

  it('calls a model only if the values name one: then the worker has its key and can reach its port, and the backend has neither', async () => {
    const without = environmentOf(need(await renderChart(chart()), 'Deployment', 'celery-worker'));
    expect(Object.keys(without).filter((name) => name.startsWith('MODEL_'))).toEqual([]);
    const set = { 'model.url': 'https://models.example.com/v1', 'model.name': 'm', 'model.secret.name': 'model-key' };
    const objects = await renderChart(chart(), { set: { ...set, 'model.price.inputUsdPerMillion': '0.5' } });
    expect(environmentOf(need(objects, 'Deployment', 'celery-worker'))).toMatchObject({
      MODEL_API_URL: 'https://models.example.com/v1',
      MODEL_NAME: 'm',
      MODEL_AGENTS: 'bias',
      MODEL_API_KEY: { secretKeyRef: { name: 'model-key', key: 'key' } },
      MODEL_INPUT_USD_PER_MILLION: '0.5',
    });
    expect(environmentOf(need(objects, 'Deployment', 'backend'))).not.toHaveProperty('MODEL_API_KEY');
    const egress = (name: string) => need(objects, 'NetworkPolicy', name).spec.egress;
    expect(egress('celery-worker')).toContainEqual({ ports: [{ port: 443 }] });
    expect(egress('backend')).not.toContainEqual({ ports: [{ port: 443 }] });
    await expect(renderChart(chart(), { set: { 'model.url': 'https://models.example.com' } })).rejects.toThrow(
      'model.name is needed with model.url',
    );
  });

  it('can use servers of your own, and then renders no server, no Secret and no policy for Kafka, Redis and Postgres', async () => {
    const objects = await renderChart(chart(), { files: ['production.yaml'] });
    for (const name of servers)
      for (const kind of ['StatefulSet', 'Service', 'Secret', 'NetworkPolicy', 'ServiceAccount'])
        expect(find(objects, kind, name)).toBeUndefined();
    expect(environmentOf(need(objects, 'Deployment', 'trigger-dispatcher'))).toMatchObject({
      KAFKA_BROKERS: 'trading-kafka-bootstrap.kafka.svc:9092',
      DATABASE_URL: { secretKeyRef: { name: 'trading-db-app', key: 'uri' } },
      REDIS_URL: { secretKeyRef: { name: 'trading-redis', key: 'url' } },
    });
    const { egress } = need(objects, 'NetworkPolicy', 'trigger-dispatcher').spec;
    expect(egress).toEqual([{ ports: [{ port: 9092 }] }, { ports: [{ port: 5432 }] }, { ports: [{ port: 6379 }] }]);

    const set = { 'redis.external.morePorts': [26_379] };
    const withSentinels = await renderChart(chart(), { files: ['production.yaml'], set });
    expect(need(withSentinels, 'NetworkPolicy', 'celery-worker').spec.egress).toContainEqual({
      ports: [{ port: 6379 }, { port: 26_379 }],
    });
  });

  it('authenticates to a Kafka of your own with a Secret', async () => {
    const sasl = { mechanism: 'scram-sha-512', secret: { name: 'kafka-user' } };
    const external = { brokers: ['kafka:9093'], tls: true, caSecret: { name: 'kafka-ca' }, sasl };
    const objects = await renderChart(chart(), { set: { 'kafka.external': external } });
    expect(environmentOf(need(objects, 'Deployment', 'signal-generator'))).toMatchObject({
      KAFKA_TLS: 'true',
      KAFKA_CA: { secretKeyRef: { name: 'kafka-ca', key: 'ca.crt' } },
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_PASSWORD: { secretKeyRef: { name: 'kafka-user', key: 'password' } },
    });
    const without = renderChart(chart(), { set: { 'kafka.external': { ...external, sasl: { mechanism: 'plain' } } } });
    await expect(without).rejects.toThrow('kafka.external.sasl.secret.name is needed');
  });

  it('sets no number of replicas for a service with an autoscaler', async () => {
    const objects = await renderChart(chart(), { files: ['production.yaml'] });
    expect(need(objects, 'Deployment', 'celery-worker').spec).not.toHaveProperty('replicas');
    expect(need(objects, 'HorizontalPodAutoscaler', 'celery-worker').spec).toMatchObject({
      minReplicas: 2,
      maxReplicas: 12,
    });
    expect(need(objects, 'Deployment', 'trigger-dispatcher').spec.replicas).toBe(3);
    expect(find(objects, 'HorizontalPodAutoscaler', 'trigger-dispatcher')).toBeUndefined();
  });

  it('denies all traffic except between processes that use each other', async () => {
    const objects = await renderChart(chart());
    const denied = need(objects, 'NetworkPolicy', 'default-deny').spec;
    expect(denied).toMatchObject({ policyTypes: ['Ingress', 'Egress'] });
    expect(denied).not.toHaveProperty('ingress');
    const fromPods = (name: string) => need(objects, 'NetworkPolicy', name).spec.ingress[0].from[0].podSelector;
    // celery-worker does not use Kafka; signal-generator uses no server but Kafka
    expect(fromPods('kafka').matchExpressions[0].values).toEqual([
      'backend',
      'signal-generator',
      'trigger-dispatcher',
      'kafka',
    ]);
    expect(fromPods('postgres').matchExpressions[0].values).toEqual([
      'database',
      'backend',
      'celery-worker',
      'trigger-dispatcher',
      'postgres',
    ]);
    expect(need(objects, 'NetworkPolicy', 'signal-generator').spec.egress).toHaveLength(1);
    const without = await renderChart(chart(), { set: { 'networkPolicy.enabled': false } });
    expect(without.filter(({ kind }) => kind === 'NetworkPolicy')).toEqual([]);
  });

  it('sends telemetry to a collector if the values name one, and allows that egress', async () => {
    const objects = await renderChart(chart(), { set: { 'otlp.endpoint': 'http://collector.monitoring:4318' } });
    for (const name of [...serviceNames, 'controller']) {
      expect(environmentOf(need(objects, 'Deployment', name))).toMatchObject({
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.monitoring:4318',
        OTEL_METRICS_EXPORTER: 'otlp',
        OTEL_LOGS_EXPORTER: 'otlp',
      });
      expect(need(objects, 'NetworkPolicy', name).spec.egress).toContainEqual({ ports: [{ port: 4318 }] });
    }
    expect(environmentOf(need(await renderChart(chart()), 'Deployment', 'backend'))).not.toHaveProperty(
      'OTEL_EXPORTER_OTLP_ENDPOINT',
    );
  });

  it('tells the region of AWS with the telemetry, from a variable that is defined before it is used', async () => {
    const objects = await renderChart(chart(), { files: ['production.yaml', 'aws.yaml'] });
    for (const name of [...serviceNames, 'controller']) {
      const { env } = podOf(need(objects, 'Deployment', name)).containers[0];
      const names = env.map((one: { name: string }) => one.name);
      expect(environmentOf(need(objects, 'Deployment', name))).toMatchObject({
        AWS_REGION: 'eu-west-1',
        OTEL_RESOURCE_ATTRIBUTES: expect.stringMatching(/,cloud\.provider=aws,cloud\.region=\$\(AWS_REGION\)$/),
      });
      // Kubernetes expands only variables that stand before
      expect(names.indexOf('AWS_REGION')).toBeLessThan(names.indexOf('OTEL_RESOURCE_ATTRIBUTES'));
    }
  });

  it('tells the controller which Prometheus to query', async () => {
    const urlWith = async (set: object) =>
      environmentOf(need(await renderChart(chart(), { set }), 'Deployment', 'controller')).PROMETHEUS_URL;
    expect(await urlWith({})).toBe('http://monitoring-prometheus.trading-platform.svc:9090');
    expect(await urlWith({ 'kube-prometheus-stack.enabled': false })).toBeUndefined();
    expect(await urlWith({ 'controller.prometheusUrl': 'http://prometheus.example:9090' })).toBe(
      'http://prometheus.example:9090',
    );
  });

  it('generates the password of Grafana, unless the values give one or disable Grafana', async () => {
    const secretWith = async (values: object) => find(await renderChart(chart(), values), 'Secret', 'grafana-admin');
    expect((await secretWith({}))?.stringData['admin-password']).toMatch(/^\w{32}$/);
    expect(await secretWith({ files: ['kind.yaml'] })).toBeUndefined();
    expect(await secretWith({ files: ['production.yaml', 'aws.yaml'] })).toBeUndefined();
  });

  it('installs the TradingPipeline of the examples, with the values that override it', async () => {
    const objects = await renderChart(chart(), {
      set: { 'tradingPipeline.spec.alerts.rules.HighPipelineFailureRate.threshold': 0.2 },
    });
    const { spec } = need(objects, 'TradingPipeline', 'platform');
    expect(spec.services.map(({ name }: { name: string }) => name)).toEqual(serviceNames);
    expect(spec.alerts).toMatchObject({ rules: { HighPipelineFailureRate: { threshold: 0.2 } } });
  });
});

describe('the chart beside an existing Prometheus', () => {
  const label = { release: 'monitoring' };
  const objects = () =>
    renderChart(chart(), { files: ['existing-prometheus.yaml'], set: { 'monitoring.labels': label } });

  it('sets the label that Prometheus selects by on the TradingPipeline and on the monitoring objects of the operator', async () => {
    expect(need(await objects(), 'TradingPipeline', 'platform').spec.labels).toEqual(label);
    for (const kind of ['ServiceMonitor', 'PrometheusRule'])
      expect(need(await objects(), kind, 'controller').metadata.labels).toMatchObject(label);
  });

  it('renders nothing for Alertmanager or Grafana', async () => {
    const names = (await objects()).map(({ metadata }) => metadata.name);
    expect(names.filter((name) => /grafana|alertmanager/.test(name))).toEqual([]);
  });
});

describe('on kind', () => {
  const readYaml = (...path: string[]) => parse(readFileSync(join(chartFolder, ...path), 'utf8'));
  const [node] = readYaml('..', '..', 'kind-config.yaml').nodes;
  const mappings: { containerPort: number; hostPort: number; listenAddress: string }[] = node.extraPortMappings;

  it('every port mapping leads to a NodePort and listens on 127.0.0.1 only', () => {
    const { api, 'kube-prometheus-stack': stack } = readYaml('values', 'kind.yaml');
    const services = [api, stack.grafana.service, stack.prometheus.service, stack.alertmanager.service];
    expect(services.map(({ type }) => type)).toEqual(services.map(() => 'NodePort'));
    expect(mappings.map(({ containerPort }) => containerPort).sort()).toEqual(
      services.map(({ nodePort }) => nodePort).sort(),
    );
    expect(new Set(mappings.map(({ listenAddress }) => listenAddress))).toEqual(new Set(['127.0.0.1']));
  });

  it('make kind-up prints the addresses of those ports', () => {
    const printed = Object.values(addresses).map((address) => Number(new URL(address).port));
    expect(printed.sort()).toEqual(mappings.map(({ hostPort }) => hostPort).sort());
  });
});

describe('exporters', () => {
  const objects = (...files: string[]) => renderChart(chart(), { files: [...files, 'exporters.yaml'] });

  it('are named by a TradingPipeline, and the servers let them in', async () => {
    const rendered = await objects();
    const { services } = need(rendered, 'TradingPipeline', 'exporters').spec;
    expect(services.map(({ name }: { name: string }) => name)).toEqual(servers.map((name) => `${name}-exporter`));
    for (const { name, selector } of services) {
      const service = need(rendered, 'Service', name);
      expect(service.metadata.labels).toMatchObject(selector.matchLabels);
      expect(service.spec.ports).toMatchObject([{ name: 'metrics' }]);
      expect(JSON.stringify(need(rendered, 'NetworkPolicy', name.replace('-exporter', '')).spec.ingress)).toContain(
        name,
      );
    }
    expect(environmentOf(need(rendered, 'Deployment', 'postgres-exporter'))).toEqual({
      DATABASE_URL: { secretKeyRef: { name: 'postgres', key: 'url' } },
      DATA_SOURCE_NAME: '$(DATABASE_URL)?sslmode=disable',
    });
  });

  it('read your own servers if the values name them', async () => {
    const rendered = await objects('production.yaml');
    const [kafka] = podOf(need(rendered, 'Deployment', 'kafka-exporter')).containers;
    expect(kafka.args).toEqual(['--kafka.server=trading-kafka-bootstrap.kafka.svc:9092']);
    expect(environmentOf(need(rendered, 'Deployment', 'redis-exporter'))).toEqual({
      REDIS_ADDR: { secretKeyRef: { name: 'trading-redis', key: 'url' } },
    });
  });

  it('have probes on a page that needs no server, and limits', async () => {
    const rendered = await objects();
    const probes = servers.map((name) => {
      const [container] = podOf(need(rendered, 'Deployment', `${name}-exporter`)).containers;
      expect(container.resources.limits).toEqual({ cpu: '250m', memory: '128Mi' });
      const { startupProbe, livenessProbe, readinessProbe } = container;
      const paths = [startupProbe, livenessProbe, readinessProbe].map(({ httpGet }) => httpGet.path);
      expect(new Set(paths).size).toBe(1);
      return paths[0];
    });
    expect(probes).toEqual(['/healthz', '/', '/health']);
  });

  it('are not rendered by default', async () => {
    const names = (await renderChart(chart())).map(({ metadata }) => metadata.name);
    expect(names.filter((name) => name.includes('exporter'))).toEqual([]);
  });
});

describe('alerts', () => {
  it('on the operator select the namespace of the release', async () => {
    const rendered = await runHelm([
      'template',
      'other',
      chart(),
      '--namespace',
      'quants',
      '--show-only',
      'templates/self-monitoring.yaml',
    ]);
    expect(rendered).toContain('namespace="quants"');
    expect(rendered).not.toContain('namespace="trading-platform"');
    expect(rendered).not.toContain('RELEASE_NAMESPACE');
    expect(rendered).toContain('trading-platform.pipeline-objectives');
  });

  it('are sent to the receivers in the values, by the routes of the platform', async () => {
    const page = { webhook_configs: [{ url: 'http://pager.example.com' }] };
    const objects = await renderChart(chart(), { set: { 'alerting.receivers.page': page } });
    const secret = need(objects, 'Secret', 'alertmanager-trading-platform');
    const config = parse(secret.stringData['alertmanager.yaml']);
    expect(config.receivers).toEqual([{ name: 'page', ...page }, { name: 'ticket' }, { name: 'nobody' }]);
    expect({ ...config, receivers: [] }).toEqual({ ...buildAlertmanagerConfig(), receivers: [] });
  });
});

describe('refuses a wrong value and names its path:', () => {
  it.each([
    [
      'a number that is text',
      { 'serviceDefaults.replicas': 'two' },
      "at '/serviceDefaults/replicas': got string, want integer",
    ],
    [
      'a name that is misspelt',
      { 'services.backend.replica': 2 },
      "at '/services/backend': additional properties 'replica' not allowed",
    ],
    [
      'a service that does not exist',
      { 'services.broker': {} },
      "at '/services': additional properties 'broker' not allowed",
    ],
    [
      'a second signal-generator',
      { 'services.signal-generator.replicas': 2 },
      "at '/services/signal-generator/replicas'",
    ],
    ['a broker without a port', { 'kafka.external.brokers': ['kafka'] }, "at '/kafka/external/brokers/0'"],
    [
      'an address without a scheme',
      { 'controller.prometheusUrl': 'prometheus:9090' },
      "at '/controller/prometheusUrl'",
    ],
    ['an unknown field', { kafak: {} }, "additional properties 'kafak' not allowed"],
    ['an unknown log level', { 'controller.logLevel': 'loud' }, "at '/controller/logLevel'"],
  ])('%s', async (_, set, message) => {
    await expect(renderChart(chart(), { set })).rejects.toThrow(message);
  });
});
