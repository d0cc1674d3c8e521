/**
 * Arbitraries for property tests: valid specs of every shape, and specs with one mistake. A mistake is a field that is removed, that is
 * duplicated, or that has a value of a wrong kind.
 */
import fc from 'fast-check';
import { type AlertName, alertNames } from '#catalogue/alerts.ts';
import { dashboardNames } from '#catalogue/dashboards.ts';
import { objectiveNames, objectiveWindows } from '#catalogue/objectives.ts';
import { serviceNames } from '#catalogue/services.ts';
import { agentNames } from '#trading/agents/agents.ts';
import { timeframes } from '#trading/market/bar.ts';
import { signalTypeNames } from '#trading/signals/signal-types.gen.ts';

/** Seed of the generated specs. Each run tries the same specs, unless `SEED=…` sets another seed. A failure prints its seed. */
export const seed = Number(process.env.SEED ?? 4);

const optional = { requiredKeys: [] };
const duration = fc.constantFrom('0', '0m', '7m', '1h30m');
const severity = fc.constantFrom('info', 'warning', 'critical');
const promql = fc.constantFrom('up == 0', 'vector(1)', 'sum by (job) (rate(a_total{b="c"}[5m])) > 1');
const labels = fc.dictionary(fc.constantFrom('team', 'desk', 'on_call'), fc.stringMatching(/^[^{}]{0,9}$/));

const ownService = fc.record(
  {
    name: fc.constantFrom('ledger', 'risk-desk'),
    selector: fc.constantFrom({ matchLabels: { app: 'x' } }, { matchLabels: { 'a.b/c': 'd', e: '' } }),
    port: fc.constantFrom('metrics', 'http'),
    path: fc.constantFrom('/metrics', '/a?b="c"&d={e}'),
    interval: fc.constantFrom('5s', '1m30s', '2m'),
  },
  { requiredKeys: ['name', 'selector'] },
);
const platformService = fc.record(
  { name: fc.constantFrom<string>(...serviceNames), interval: fc.constantFrom('15s', '2m') },
  { requiredKeys: ['name'] },
);

const customAlert = fc.record(
  {
    alert: fc.constantFrom('X', 'Y', 'Z_1'),
    expr: promql,
    for: duration,
    labels: fc.dictionary(fc.constantFrom('severity', 'team'), fc.constantFrom('page', '{{ $labels.job }}')),
    annotations: fc.dictionary(fc.constantFrom('summary', 'help'), fc.constantFrom('{{ $value }} "is" much', 'a\\b\n')),
  },
  { requiredKeys: ['alert', 'expr'] },
);

const events = fc.constantFrom('a_total', 'a_total{b=~"c|d",job="x"}', 'sum(increase(a_total[$window]))');
const indicator = fc.oneof(
  fc.constantFrom({ pipelineSuccess: {} }, { publishSuccess: {} }, { apiAvailability: {} }),
  fc.record({ pipelineLatency: fc.record({ below: fc.constantFrom('500ms', '10s', '1m') }, optional) }),
  fc.record({ custom: fc.record({ good: events, total: events }) }),
  fc.record({ custom: fc.record({ bad: events, total: events }) }),
);
const alerting = fc.record(
  {
    page: fc.record({ enabled: fc.boolean(), severity }, optional),
    ticket: fc.record({ enabled: fc.boolean(), severity }, optional),
    minEvents: fc.integer({ min: 1, max: 1_000_000 }),
  },
  optional,
);
const target = fc.constantFrom(0.001, 1, 50, 80, 93, 95, 99.9, 99.9999);
const window = fc.constantFrom(...objectiveWindows);
const knownObjective = fc.record(
  { name: fc.constantFrom<string>(...objectiveNames), target, window, alerting },
  { requiredKeys: ['name'] },
);
const ownObjective = fc.record(
  { name: fc.constantFrom('mine', 'a-1', '0'), target, indicator, window, alerting },
  { requiredKeys: ['name', 'target', 'indicator'] },
);

const subscription = fc.record(
  {
    type: fc.constantFrom(...signalTypeNames),
    timeframe: fc.constantFrom(...timeframes),
    minConfidence: fc.constantFrom(0, 0.5, 100),
  },
  { requiredKeys: ['type'] },
);
const usd = fc.constantFrom(0.01, 250, 1_000_000_000);
const pipeline = fc.record(
  {
    trigger: fc.oneof(
      fc.constant({ mode: 'manual' }),
      fc.record(
        {
          mode: fc.constant('periodic'),
          schedule: fc.constantFrom('0 8 * * MON-FRI', '*/5 * * * *'),
          timeZone: fc.constantFrom('UTC', 'Asia/Tokyo'),
        },
        { requiredKeys: ['mode', 'schedule'] },
      ),
      fc.record({ mode: fc.constant('signal'), signals: fc.array(subscription, { minLength: 1, maxLength: 3 }) }),
    ),
    tickers: fc.uniqueArray(fc.constantFrom('BTCUSD', 'GOOG', 'BRK.B', 'A/B_C-1'), { minLength: 1 }),
    stages: fc
      .integer({ min: 1, max: agentNames.length })
      .map((count) => agentNames.slice(0, count).map((agent) => ({ agent }))),
    risk: fc.record({ maxPositionUsd: usd, maxDailyLossUsd: usd, maxDrawdown: fc.constantFrom(0.01, 1) }, optional),
    budget: fc.record({ dailyUsd: usd }),
    mode: fc.constant('paper'),
    paused: fc.boolean(),
  },
  { requiredKeys: ['trigger', 'tickers'] },
);

const objectLabels = fc.dictionary(fc.constantFrom('team', 'a.b/c'), fc.constantFrom('', 'x'));
const byName = { selector: ({ name }: { name: string }) => name };
export const anySpec: fc.Arbitrary<object> = fc.record(
  {
    services: fc.uniqueArray(fc.oneof(platformService, ownService), { ...byName, maxLength: 5 }),
    pipeline,
    alerts: fc.record(
      {
        rules: fc.dictionary(
          fc.constantFrom<AlertName>(...alertNames),
          fc.record({ enabled: fc.boolean(), for: duration, severity }, optional),
        ),
        custom: fc.uniqueArray(customAlert, { selector: ({ alert }) => alert }),
        labels,
        runbookBaseUrl: fc.constantFrom('https://wiki/runs', 'http://w/?a="b"'),
        grafanaUrl: fc.constantFrom('https://grafana.example', 'http://g:3000/"a"'),
      },
      optional,
    ),
    objectives: fc.uniqueArray(fc.oneof(knownObjective, ownObjective), { ...byName, maxLength: 4 }),
    // At most one dashboard, because rendering one takes more time than everything else.
    dashboards: fc.record({
      include: fc.uniqueArray(fc.constantFrom(...dashboardNames), { maxLength: 1 }),
      folder: fc.constantFrom('Trading', 'My Desk'),
      policy: fc.constantFrom('enforce', 'seed'),
      labels: objectLabels,
    }),
    labels: objectLabels,
    externalMetrics: fc.constant(['a_*']),
  },
  { requiredKeys: ['externalMetrics'] },
);

export type Path = readonly (string | number)[];

export interface MutatedSpec {
  readonly spec: object;
  /** Path of the field that was changed. */
  readonly path: Path;
}

/** Wrong values that people, templates and generators put into fields by mistake. */
const strangers: readonly unknown[] = [
  ...['', ' ', '0', '-1', 'null', 'NaN', '$(rm)', '🙂', 'a'.repeat(5_000), 'A b', 'a.b', '../x', '5 minutes', '\u0000'],
  ...[
    'up{',
    'sum(',
    'x # y',
    'up) or (up',
    '"} or vector(1) #',
    '$window',
    'a[$window]',
    'rate(a[5m])',
    'up offset 5m',
  ],
  ...['{{ $x }}', '{{ end }}', '}}', '{{', '`', '\\', "'", '"', '\n', 'a\nb: c', 'ServiceDown', 'ObjectiveBurnsFast'],
  ...[null, true, 0, -1, 0.5, 100, 1e308, [], {}, [{}], { name: 'x' }],
];

export const mutatedSpec: fc.Arbitrary<MutatedSpec> = anySpec
  .filter((spec) => pathsOf(spec).length > 0)
  .chain((spec) =>
    fc
      .tuple(
        fc.constantFrom(...mostlyPromql(pathsOf(spec))),
        fc.constantFrom('replace', 'remove', 'double'),
        fc.constantFrom(...strangers),
      )
      .map(([path, how, stranger]) => ({ spec: mutate(spec, path, how, stranger), path })),
  );

function pathsOf(value: unknown, at: Path = []): Path[] {
  if (value === null || typeof value !== 'object') return [at];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  const inner = entries.flatMap(([key, field]) => pathsOf(field, [...at, key]));
  return at.length === 0 ? inner : [at, ...inner];
}

/**
 * Lists the paths of expressions ten times, so that they are picked more often: only few fields are expressions, but
 * most mistakes are possible in them.
 */
function mostlyPromql(paths: readonly Path[]): readonly Path[] {
  const promqlPaths = paths.filter((path) => ['expr', 'good', 'bad', 'total'].includes(String(path.at(-1))));
  return [...paths, ...Array.from({ length: 9 }, () => promqlPaths).flat()];
}

function mutate(spec: object, path: Path, how: string, stranger: unknown): object {
  // structuredClone would keep an object that two fields share as one object, so changing one field would change the other.
  const copy = JSON.parse(JSON.stringify(spec));
  const last = path.at(-1) ?? '';
  // biome-ignore lint/suspicious/noExplicitAny: any shape at all
  const parent = path.slice(0, -1).reduce<any>((value, key) => value[key], copy);
  if (how === 'replace') parent[last] = stranger;
  else if (how === 'double' && Array.isArray(parent)) parent.push(structuredClone(parent[Number(last)]));
  else if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete parent[last];
  return copy;
}

/** Returns a copy of a value in which the keys of every object have a random order, drawn from `random`. */
export function shuffled(value: unknown, random: () => number): unknown {
  if (Array.isArray(value)) return value.map((inner) => shuffled(inner, random));
  if (value === null || typeof value !== 'object') return value;
  const drawn = Object.entries(value).map((entry) => ({ entry, order: random() }));
  drawn.sort((a, b) => a.order - b.order);
  return Object.fromEntries(drawn.map(({ entry: [key, inner] }) => [key, shuffled(inner, random)]));
}
