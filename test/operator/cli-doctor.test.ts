import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { type KubeObject, resources } from '#controller/api/kube-object.ts';
import type { Finding } from '#controller/cli/doctor/finding.ts';
import { preparePrometheus, type TestPrometheus } from '../support/start-prometheus.ts';
import { cli } from './cli-under-test.ts';
import {
  applyService,
  createNamespace,
  type OperatorUnderTest,
  settled,
  startOperator,
  tradingPipeline,
  until,
  untilCondition,
} from './operator-under-test.ts';

const { kubeconfigs } = inject('apiServer');
const selectors = {
  serviceMonitorSelector: {},
  serviceMonitorNamespaceSelector: {},
  ruleSelector: {},
  ruleNamespaceSelector: {},
};

describe('doctor', () => {
  let operator: OperatorUnderTest;
  let namespace: string;
  let exporter: Server;
  let prometheus: TestPrometheus;
  const custom = [
    { alert: 'Typo', expr: 'pricing_requests_totall > 5' },
    { alert: 'Quiet', expr: 'pricing_requests_total > 500' },
  ];
  const externalMetrics = ['pricing_*'];
  const pricing = { name: 'pricing', selector: { matchLabels: { 'app.kubernetes.io/name': 'pricing' } } };
  const lost = { name: 'lost', selector: { matchLabels: { 'app.kubernetes.io/name': 'lost' } } };

  beforeAll(async () => {
    operator = await startOperator(kubeconfigs);
    namespace = await createNamespace(operator.admin);
    exporter = createServer((request, response) => {
      response.writeHead(request.url === '/metrics' ? 200 : 404);
      response.end('pricing_requests_total 7\n');
    }).listen(0, '127.0.0.1');
    await once(exporter, 'listening');
    await operator.admin.apply(resources.tradingPipeline, {
      ...tradingPipeline(namespace, 'desk', { services: [pricing, lost], alerts: { custom }, externalMetrics }),
    });
    await applyService(operator.admin, namespace, 'pricing');
    await applyService(operator.admin, namespace, 'lost', 'metrics', 0);
    await settled(operator.admin, namespace, 'desk');
    prometheus = await preparePrometheus();
    const ruleGroups = await readRuleGroups();
    const rules = ruleGroups.flatMap((group) => group.rules).length;
    await prometheus.configure({ scrapeConfigs: buildScrapeConfigs(), ruleGroups });
    await prometheus.start();
    await until(15_000, 'every target was scraped, every rule evaluated', () => isWarm(rules));
  });
  afterAll(async () => {
    await prometheus?.stop();
    exporter.close();
    await operator.stop();
  });
  afterEach(async () => {
    const at = { namespace, name: 'main' };
    const { items } = await operator.admin.list(resources.prometheus, { namespace });
    if (items.length > 0) await operator.admin.delete(resources.prometheus, at);
  });

  /** Scrape jobs as prometheus-operator would write them. No process listens on the port of `lost`. */
  function buildScrapeConfigs(): object[] {
    const { port } = exporter.address() as AddressInfo;
    const job = (service: string, path: string, target: string) => ({
      job_name: `serviceMonitor/${namespace}/desk.${service}/0`,
      metrics_path: path,
      static_configs: [{ targets: [target], labels: { namespace } }],
      relabel_configs: [{ target_label: 'job', replacement: service }],
    });
    return [
      job('pricing', '/metrics', `127.0.0.1:${port}`),
      { ...job('pricing', '/other', `127.0.0.1:${port}`), job_name: `serviceMonitor/${namespace}/desk.pricing/1` },
      job('lost', '/metrics', '127.0.0.1:1'),
    ];
  }

  async function readRuleGroups(): Promise<{ readonly rules: readonly object[] }[]> {
    const rule = await operator.admin.get(resources.prometheusRule, { namespace, name: 'desk' });
    return (rule.spec as { groups: { rules: object[] }[] }).groups;
  }

  async function isWarm(allRules: number): Promise<boolean> {
    const targets = await (await fetch(`${prometheus.url}/api/v1/targets`)).text();
    const rules = await (await fetch(`${prometheus.url}/api/v1/rules`)).text();
    const scraped = targets.match(/"health":"(up|down)"/g) ?? [];
    const evaluated = rules.match(/"health":"(ok|err)"/g) ?? [];
    const again = await fetch(`${prometheus.url}/api/v1/query?query=pricing_requests_total`);
    return scraped.length === 3 && evaluated.length === allRules && (await again.text()).includes('"value"');
  }

  async function doctor(...more: string[]): Promise<{ code: number; findings: Finding[]; err: string }> {
    const args = ['doctor', '-n', namespace, '--kubeconfig', kubeconfigs.admin, '--prometheus', prometheus.url];
    const { code, out, err } = await cli([...args, '-o', 'json', ...more]);
    const { general, resources: found } = JSON.parse(out);
    return { code, err, findings: [general, ...found.map((one: { findings: Finding[] }) => one.findings)].flat() };
  }

  const wrongOf = (findings: readonly Finding[]) =>
    findings.filter(({ verdict }) => verdict === 'wrong').map((finding) => `${finding.case}: ${finding.message}`);

  function applyPrometheus(spec: object) {
    const { apiVersion, kind } = resources.prometheus;
    return operator.admin.apply(resources.prometheus, {
      ...{ apiVersion, kind, metadata: { namespace, name: 'main' } },
      spec: { ...selectors, ...spec },
    } as KubeObject);
  }

  it('names the label that keeps Prometheus from selecting a monitor', async () => {
    await applyPrometheus({ serviceMonitorSelector: { matchLabels: { release: 'kps' } } });
    const { code, findings } = await doctor();
    expect(code).toBe(1);
    const finding = findings.find((one) => one.case === 'notSelected' && one.verdict === 'wrong');
    expect(finding?.message).toContain('its serviceMonitorSelector wants release=kps on the ServiceMonitor');
    expect(finding?.remedy).toContain('Set spec.labels of the TradingPipeline to {release: "kps"}');
    const rule = findings.find((one) => one.message.startsWith('PrometheusRule'));
    expect(rule).toMatchObject({ case: 'notSelected', verdict: 'ok' });
  });

  it('distinguishes a 404, a target that is down, and a service without endpoints', async () => {
    await applyPrometheus({});
    const wrong = wrongOf((await doctor()).findings);
    expect(wrong).toContainEqual(expect.stringMatching(/^endpointNotFound: pricing: .*\/other answers 404$/));
    expect(wrong).toContainEqual(expect.stringMatching(/^targetDown: lost: .* is down: .*refused/));
    expect(wrong).toContain('serviceUnresolved: service lost: no ready endpoint serves the port metrics');
  });

  it('finds an alert that can never fire, and a missing Alertmanager', async () => {
    const wrong = wrongOf((await doctor()).findings).filter((text) => text.startsWith('alertSilent'));
    expect(wrong).toEqual([
      'alertSilent: Typo reads pricing_requests_totall, but Prometheus has no such series: it cannot fire as intended',
      'alertSilent: Prometheus has no Alertmanager: alerts fire and nobody is notified',
    ]);
  });

  it('names the metric and the label that cost most, if they exceed a limit', async () => {
    const { findings } = await doctor('--max-series', '1');
    const memory = findings.find((one) => one.case === 'memoryTooHigh');
    expect(memory).toMatchObject({ verdict: 'wrong' });
    expect(memory?.message).toMatch(/most of one metric: \w+ with \d+; most values of one label: \w+ with \d+/);
    expect((await doctor()).findings.find((one) => one.case === 'memoryTooHigh')?.verdict).toBe('ok');
  });

  it('finds rules that Prometheus has not loaded, and a monitor that is not in its configuration', async () => {
    const spec = {
      services: [{ ...pricing, name: 'second' }],
      alerts: { custom: [{ ...custom[1], alert: 'New' }] },
      externalMetrics,
    };
    await operator.admin.apply(resources.tradingPipeline, tradingPipeline(namespace, 'fresh', spec));
    await settled(operator.admin, namespace, 'fresh');
    const wrong = wrongOf((await doctor('fresh')).findings);
    expect(wrong).toContainEqual(`rulesNotLoaded: group ${namespace}.fresh.custom is not loaded by Prometheus`);
    expect(wrong).toContain(
      `noTarget: ServiceMonitor ${namespace}/fresh.second: not in the configuration of this Prometheus`,
    );
    await operator.admin.delete(resources.tradingPipeline, { namespace, name: 'fresh' });
  });

  it('repeats the bad conditions of the resource, with their remedy', async () => {
    const at = { namespace, name: 'broken' };
    const spec = { alerts: { custom: [{ alert: 'Broken', expr: 'sum(' }] } };
    await operator.admin.apply(resources.tradingPipeline, tradingPipeline(namespace, 'broken', spec));
    await untilCondition(operator.admin, at, 'Ready', { status: 'False' });
    const { findings } = await doctor('broken');
    const finding = findings.find((one) => one.case === 'notReady');
    expect(finding).toMatchObject({ verdict: 'wrong' });
    expect(finding?.message).toContain('RuleDoesNotParse');
    expect(finding?.remedy).toContain('Correct the field that the message names');
    await operator.admin.delete(resources.tradingPipeline, at);
  });

  it('gives the verdict unknown without Prometheus, and says how to reach it', async () => {
    const { findings } = await doctor('--prometheus', 'http://127.0.0.1:1');
    const silent = findings.find((one) => one.case === 'prometheusSilent');
    expect(silent).toMatchObject({ verdict: 'unknown' });
    expect(silent?.remedy).toContain('port-forward svc/prometheus-operated 9090');
    expect(findings.filter((one) => one.case === 'targetDown')).toEqual([]);
  });

  it('lists the resources that exist if none has the given name', async () => {
    const { code, findings } = await doctor('nobody');
    expect(code).toBe(1);
    expect(findings).toMatchObject([{ case: 'resourceMissing', verdict: 'wrong' }]);
    expect(findings[0]?.remedy).toContain(`${namespace}/desk`);
  });

  it('prints text with one line per finding, its remedy and a link to the documentation', async () => {
    const { out } = await cli([
      'doctor',
      '-n',
      namespace,
      '--kubeconfig',
      kubeconfigs.admin,
      '--prometheus',
      prometheus.url,
    ]);
    expect(out).toContain(`TradingPipeline ${namespace}/desk\n`);
    expect(out).toMatch(/ {2}WRONG {2}pricing: .* answers 404\n {9}The process serves its metrics elsewhere/);
    expect(out).toContain('docs/troubleshooting.md#metrics-endpoint-404');
    expect(out).toMatch(/\d+ wrong, \d+ ok\n$/);
  });
});

describe('doctor without a controller', () => {
  it('reports that no controller has acted on the resource', async () => {
    const operator = await startOperator(kubeconfigs, ['nowhere']);
    const namespace = await createNamespace(operator.admin);
    await operator.admin.apply(
      resources.tradingPipeline,
      tradingPipeline(namespace, 'alone', { services: [{ name: 'backend' }] }),
    );
    const { code, out } = await cli(['doctor', '-n', namespace, '--kubeconfig', kubeconfigs.admin]);
    expect(code).toBe(1);
    expect(out).toContain('no controller has looked at the resource');
    expect(out).toContain(`ServiceMonitor ${namespace}/alone.backend does not exist`);
    await operator.admin.delete(resources.tradingPipeline, { namespace, name: 'alone' });
    await operator.stop();
  });

  it('fails if there is no kubeconfig', async () => {
    const { code, err } = await cli(['doctor', '--kubeconfig', '/nowhere']);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('no cluster to ask') });
  });
});
