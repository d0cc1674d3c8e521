import { existsSync, globSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { chartFolder, STACK, stageChart } from '#tools/chart/stage-chart.ts';
import { makeTestFolder } from '../../support/test-folder.ts';
import { installations, type Manifest, need, renderChart } from '../helm.ts';

/** Folder of the real kube-prometheus-stack, in the version that Chart.yaml pins. `make test-charts KPS_CHART=folder` sets it. */
const stackFolder = process.env.KPS_CHART ?? '';
const readYaml = (...path: string[]) => parse(readFileSync(join(...path), 'utf8'));

type Tree = Readonly<Record<string, unknown>>;
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Lists the paths that our values set and that kube-prometheus-stack does not know. Where the stack's values contain an
 * empty map, a list or null, any path below is allowed.
 */
function listUnknown(ours: Tree, known: Tree, templates: string, path: readonly string[] = []): string[] {
  return Object.entries(ours).flatMap(([name, value]) => {
    const here = [...path, name];
    // the stack's templates also read values that are only commented out in its values.yaml
    if (!Object.hasOwn(known, name)) return templates.includes(`.${name}`) ? [] : [here.join('.')];
    const theirs = known[name];
    const isOpen = !isTree(theirs) || Object.keys(theirs).length === 0;
    return isTree(value) && !isOpen ? listUnknown(value, theirs, templates, here) : [];
  });
}

/**
 * Reads the stack's values, and adds the values of each subchart under the subchart's name. The stack's own values take
 * precedence.
 */
function readKnownValues(): Tree {
  const known = readYaml(stackFolder, 'values.yaml') as Record<string, unknown>;
  const under = {
    grafana: 'grafana',
    'kube-state-metrics': 'kube-state-metrics',
    'prometheus-node-exporter': 'prometheus-node-exporter',
  };
  for (const [name, folder] of Object.entries(under)) {
    const file = join(stackFolder, 'charts', folder, 'values.yaml');
    if (existsSync(file)) known[name] = mergeTrees(readYaml(file), (known[name] ?? {}) as Tree);
  }
  return known;
}

/** Reads the text of all templates, because templates use some values that no values.yaml contains. */
function readTemplates(): string {
  const files = globSync('{templates,charts/grafana/templates}/**/*.{tpl,yaml}', { cwd: stackFolder });
  return files.map((file) => readFileSync(join(stackFolder, file), 'utf8')).join('\n');
}

function mergeTrees(one: Tree, over: Tree): Tree {
  const merged = Object.entries(over).map(([name, value]) => {
    const under = one[name];
    return [name, isTree(under) && isTree(value) ? mergeTrees(under, value) : value];
  });
  return { ...one, ...Object.fromEntries(merged) };
}

describe('the real kube-prometheus-stack', () => {
  let folder: string;
  const chart = () => join(folder, 'chart');
  beforeAll(() => {
    folder = makeTestFolder('stack-chart');
    stageChart(chart(), stackFolder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('has the version that the chart pins', () => {
    const { dependencies } = readYaml(chartFolder, 'Chart.yaml');
    expect(readYaml(stackFolder, 'Chart.yaml').version).toBe(dependencies[0].version);
  });

  it.each(installations)('knows every value that is set in %s', (_, { files = [] }) => {
    const sources = [join(chartFolder, 'values.yaml'), ...files.map((file) => join(chartFolder, 'values', file))];
    const known = readKnownValues();
    const templates = readTemplates();
    for (const source of sources) {
      // our values also contain `enabled`, which is not a value of the stack: our Chart.yaml uses it as the condition
      // of the dependency
      const unknown = listUnknown(readYaml(source)[STACK] ?? {}, known, templates);
      expect(
        unknown.filter((path) => path !== 'enabled'),
        source,
      ).toEqual([]);
    }
  });

  it.each(installations)('renders with %s', async (_, values) => {
    const objects = await renderChart(chart(), values);
    expect(objects.length).toBeGreaterThan(40);
  });

  it('runs a Prometheus that selects all monitors and rules in the cluster, keeps 30 days or 10 GB, and has the URL that the controller queries', async () => {
    const objects = await renderChart(chart());
    const everything = {};
    expect(need(objects, 'Prometheus', 'monitoring-prometheus').spec).toMatchObject({
      ...{ retention: '30d', retentionSize: '10GB', scrapeInterval: '15s', evaluationInterval: '15s' },
      ...{ serviceMonitorSelector: everything, serviceMonitorNamespaceSelector: everything },
      ...{ ruleSelector: everything, ruleNamespaceSelector: everything },
    });
    const service = need(objects, 'Service', 'monitoring-prometheus');
    expect(service.spec.ports).toContainEqual(expect.objectContaining({ port: 9090 }));
    const controller = need(objects, 'Deployment', 'controller').spec.template.spec.containers[0];
    const url = `http://monitoring-prometheus.${service.metadata.namespace}.svc:9090`;
    expect(controller.env).toContainEqual({ name: 'PROMETHEUS_URL', value: url });
  });

  it('uses the Alertmanager configuration and the Grafana password that the chart creates', async () => {
    const objects = await renderChart(chart());
    const alertmanager = need(objects, 'Alertmanager', 'monitoring-alertmanager');
    need(objects, 'Secret', alertmanager.spec.configSecret);
    const text = JSON.stringify(need(objects, 'Deployment', 'grafana'));
    expect(text).toContain('"name":"grafana-admin"');
    expect(need(objects, 'Secret', 'grafana-admin').stringData['admin-password']).toMatch(/^\w{32}$/);
    const known = objects.filter(({ kind, data }: Manifest) => kind === 'Secret' && data?.['admin-password']);
    expect(known).toEqual([]);
  });

  it('gives Grafana the password admin on kind', async () => {
    const objects = await renderChart(chart(), { files: ['kind.yaml'] });
    const password = need(objects, 'Secret', 'grafana').data?.['admin-password'];
    expect(Buffer.from(password, 'base64').toString()).toBe('admin');
  });
});
