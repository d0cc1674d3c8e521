import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { alertNames } from '#catalogue/alerts.ts';
import { shells } from './build-completion.ts';
import { explainedAlerts } from './explain-alert.ts';
import { buildCliReference } from './reference.ts';
import { runCli } from './run-cli.ts';

const root = path.join(import.meta.dirname, '..', '..');

async function run(args: readonly string[], stdin = '') {
  const result = { out: '', err: '' };
  const code = await runCli(args, {
    out: (text) => {
      result.out += text;
    },
    err: (line) => {
      result.err += `${line}\n`;
    },
    read: async (file) => (file === '-' ? stdin : readFileSync(path.join(root, file), 'utf8')),
    now: () => new Date(0),
  });
  return { code, ...result };
}

const resource = (spec: object, name = 'tp') =>
  JSON.stringify({
    ...{ apiVersion: 'trading-platform.dev/v1alpha1', kind: 'TradingPipeline', metadata: { name, namespace: 'desk' } },
    spec,
  });

describe('tradingpipeline', () => {
  it.each(['service-monitor', 'custom-alert'])(
    'renders examples/golden/%s.yaml to the expected file beside it',
    async (name) => {
      const { code, out } = await run(['render', `examples/golden/${name}.yaml`, '--uid', 'uid-of-the-resource']);
      expect(code).toBe(0);
      expect(out).toBe(readFileSync(path.join(root, `examples/golden/${name}.expected.yaml`), 'utf8'));
    },
  );

  it.each([
    ['http://u:hunt#er2@prometheus:9090', 'http://*** is not the URL of a Prometheus: a # ends the address'],
    ['u:hunter2@prometheus:9090', '*** is not the URL of a Prometheus: expected an http or https URL'],
    ['localhost:9090', 'localhost:9090 is not the URL of a Prometheus: expected an http or https URL'],
  ])('refuses --prometheus %s without the password', async (url, message) => {
    const { code, err } = await run([
      'backtest',
      'examples/golden/custom-alert.yaml',
      '--from',
      '-1h',
      '--prometheus',
      url,
    ]);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(err).not.toContain('er2');
  });

  it('leaves ownerReferences out if it does not know the uid, and prints a note', async () => {
    const { code, out, err } = await run(['render', '-'], resource({ services: [{ name: 'backend' }] }));
    expect(code).toBe(0);
    expect(parse(out).metadata).not.toHaveProperty('ownerReferences');
    expect(err).toContain('ownerReferences are left out');
  });

  it('notes that objectives of a pipeline need the rules of the operator, and renders those with --with-shared-rules', async () => {
    const spec = {
      pipeline: { trigger: { mode: 'manual' }, tickers: ['A'] },
      objectives: [{ name: 'pipeline-success' }],
    };
    const { out, err } = await run(['render', '-'], resource(spec));
    expect([out.includes('pipeline-objectives'), err]).toEqual([false, expect.stringContaining('--with-shared-rules')]);
    const whole = await run(['render', '-', '-n', 'desk', '--with-shared-rules', '-o', 'json'], resource(spec));
    expect(whole.err).not.toContain('--with-shared-rules');
    expect(JSON.parse(whole.out).items.at(-2)).toMatchObject({
      kind: 'PrometheusRule',
      metadata: { name: 'pipeline-objectives', namespace: 'desk' },
    });
  });

  it('gives two resources that are rendered one by one dashboards of different uids with --qualify-dashboards', async () => {
    const spec = { services: [{ name: 'backend' }], dashboards: { include: ['overview'] } };
    const uidOf = async (name: string, ...options: string[]) => {
      const { out, err } = await run(['render', '-', '-o', 'json', ...options], resource(spec, name));
      const { items } = JSON.parse(out) as { items: { kind: string; data: Record<string, string> }[] };
      const { data } = items.find(({ kind }) => kind === 'ConfigMap')!;
      return { uid: (JSON.parse(Object.values(data)[0]!) as { uid: string }).uid, err };
    };
    const plain = [await uidOf('one'), await uidOf('two')];
    expect(new Set(plain.map(({ uid }) => uid)).size).toBe(1);
    for (const { err } of plain) expect(err).toContain('add --qualify-dashboards');
    const own = [await uidOf('one', '--qualify-dashboards'), await uidOf('two', '--qualify-dashboards')];
    expect(new Set(own.map(({ uid }) => uid)).size).toBe(2);
    for (const { err } of own) expect(err).not.toContain('--qualify-dashboards');
  });

  it('renders one JSON List', async () => {
    const { out } = await run(['render', '-', '-o', 'json'], resource({ services: [{ name: 'backend' }] }));
    expect(JSON.parse(out)).toMatchObject({ kind: 'List', items: [{ kind: 'ServiceMonitor' }] });
  });

  it('exits with 0 for a valid resource and with 1 for an invalid one, naming file, line and field', async () => {
    expect(await run(['validate', 'examples/platform/platform.yaml'])).toMatchObject({ code: 0, out: '' });
    const custom = [{ alert: 'A', expr: 'rate(up)' }];
    const { code, out } = await run(['validate', '-'], resource({ alerts: { custom } }));
    expect(code).toBe(1);
    expect(out).toMatch(
      /^<stdin>:1:\d+: document 1 \(desk\/tp\): spec\.alerts\.custom\[alert=A\]\.expr: rate\(\) takes/,
    );
  });

  it.each([
    [{ schedule: '0 0 31 2 *' }, 'trigger.schedule: expected a schedule that is due some day, got 0 0 31 2 *'],
    [{ schedule: '@daily' }, 'trigger.schedule: expected five fields, got @daily: write 0 0 * * *'],
    [
      { schedule: '0 0 * * *', timeZone: 'Europe/Berln' },
      'trigger.timeZone: expected a time zone of the IANA database',
    ],
    [{}, 'trigger.schedule: a schedule is required'],
  ])('refuses the schedule %j', async (fields, message) => {
    const spec = { pipeline: { trigger: { mode: 'periodic', ...fields }, tickers: ['A'] } };
    const { code, out } = await run(['validate', '-'], resource(spec));
    expect([code, out]).toEqual([1, expect.stringContaining(`spec.pipeline.${message}`)]);
  });

  it('names a metric that does not exist, the nearest metric, and the field', async () => {
    const custom = { total: 'increase(signal_consumed_total[$window])', bad: 'signals_rejected_total{reasons="x"}' };
    const spec = { objectives: [{ name: 'mine', target: 99, indicator: { custom } }] };
    const { code, out } = await run(['validate', '-'], resource(spec));
    expect(code).toBe(1);
    expect(out).toContain(
      'spec.objectives[name=mine].indicator.custom.total: there is no metric signal_consumed_total; do you mean signals_consumed_total?',
    );
    expect(await run(['validate', '-'], resource({ ...spec, externalMetrics: ['*'] }))).toMatchObject({ code: 0 });
  });

  it('reports the second of two resources that list the same service', async () => {
    const spec = { services: [{ name: 'backend' }] };
    const { code, out } = await run(['validate', '-'], `${resource(spec, 'b')}\n---\n${resource(spec, 'a')}`);
    expect(code).toBe(1);
    expect(out).toContain(
      'document 2 (desk/a): spec.services[name=backend]: backend is watched by the older TradingPipeline b',
    );
  });

  it.each(explainedAlerts)('explains %s', async (name) => {
    const { code, out } = await run(['explain', name.toLowerCase(), '-o', 'json']);
    expect(code).toBe(0);
    const { rules, runbook } = JSON.parse(out);
    expect(rules.length).toBeGreaterThan(0);
    expect(runbook).toContain('**What it means.**');
  });

  it('refuses to explain an unknown alert, and names the nearest', async () => {
    const { code, err } = await run(['explain', 'ServiceDwn']);
    expect(code).toBe(2);
    expect(err).toContain('do you mean ServiceDown?');
  });

  it.each([
    [[]],
    [['nonsense']],
    [['render']],
    [['render', 'x', '-o', 'xml']],
    [['backtest', '-', '--from', '-1h', '--step', 'x']],
  ])('ends with exit code 2 on wrong arguments: %j', async (args) => {
    expect((await run(args)).code).toBe(2);
  });

  it('ends with exit code 2 if a file is missing or contains no TradingPipeline', async () => {
    expect((await run(['validate', 'no-such-file.yaml'])).err).toContain('no-such-file.yaml cannot be read');
    const { code, err } = await run(['validate', '-'], 'kind: ConfigMap\n');
    expect({ code, err }).toMatchObject({ code: 2, err: expect.stringContaining('no TradingPipeline in -') });
  });

  it('has its --help texts in docs/cli.md', () => {
    expect(readFileSync(path.join(root, 'docs/cli.md'), 'utf8')).toBe(buildCliReference());
  });

  it('runs as a program, and ignores a pipe that its reader closed', { timeout: 30_000 }, () => {
    const program = path.join(root, 'controller/cli/main.ts');
    const { status, stdout } = spawnSync(process.execPath, [program, 'validate', 'nothing.yaml'], { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    const command = `"$0" ${program} render ${root}/examples/platform/platform.yaml | head -1`;
    const piped = spawnSync('sh', ['-c', command, process.execPath], { encoding: 'utf8' });
    expect(piped.stdout).toBe('apiVersion: monitoring.coreos.com/v1\n');
    expect(piped.stderr).not.toContain('EPIPE');
  });
});

describe('completion', () => {
  it.each(shells)('offers every command and alert in the script for %s', async (shell) => {
    const { code, out } = await run(['completion', shell]);
    expect(code).toBe(0);
    for (const word of ['render', 'validate', 'diff', 'explain', 'doctor', 'backtest', 'completion', ...alertNames])
      expect(out).toContain(word);
  });

  it('completes in a real bash', { timeout: 30_000 }, async () => {
    const { out } = await run(['completion', 'bash']);
    const complete = (...words: string[]) => {
      const quoted = words.map((word) => `'${word}'`).join(' ');
      const script = `${out}\nCOMP_WORDS=(tradingpipeline ${quoted}); COMP_CWORD=${words.length}; _tradingpipeline; echo "\${COMPREPLY[@]}"`;
      return execFileSync('bash', ['-c', script], { encoding: 'utf8', cwd: root }).trim();
    };
    expect(complete('va')).toBe('validate');
    expect(complete('explain', 'ServiceD')).toBe('ServiceDown');
    expect(complete('render', '-o', 'j')).toBe('json');
    expect(complete('doctor', '--prom')).toBe('--prometheus');
    expect(complete('validate', 'examples/platform/pl')).toBe('examples/platform/platform.yaml');
  });
});
