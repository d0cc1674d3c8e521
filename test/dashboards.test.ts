import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { dashboardNames, dashboards } from '#catalogue/dashboards.ts';
import { metricNames } from '#catalogue/metrics.ts';
import { minuteCountList } from '#catalogue/minute-counts.ts';
import { buildDashboard, type DashboardOptions } from '#dashboards/index.ts';
import type { RenderedDashboard } from '#dashboards/rendered-dashboard.ts';
import { breaks } from './dashboards/broken-dashboards.ts';
import { mustNarrow, mustShow } from './dashboards/must-show.ts';
import { readQuery } from './dashboards/promql-reader.ts';
import { catalogueName } from './dashboards/queried-series.ts';
import { type RuleName, rules } from './dashboards/rules.ts';

const root = path.resolve(import.meta.dirname, '..');
const ruleNames = Object.keys(rules) as RuleName[];

function render(
  name: (typeof dashboardNames)[number],
  options: DashboardOptions = { services: [] },
): RenderedDashboard {
  return buildDashboard(name, options) as RenderedDashboard;
}

const optionSets: Readonly<Record<string, DashboardOptions>> = {
  'of the whole platform': { services: [] },
  'of one service in a namespace': { services: ['backend'], namespace: 'trading', datasource: 'Thanos' },
  'of ten services': { services: Array.from({ length: 10 }, (_, index) => `service-${index}`) },
};

describe.each(dashboardNames)('dashboard %s', (name) => {
  describe.each(Object.entries(optionSets))('%s', (_, options) => {
    it.each(ruleNames)('keeps the rule: %s', (rule) => {
      expect(rules[rule](render(name, options))).toEqual([]);
    });
  });

  it('has the uid and title of the catalogue', () => {
    expect(render(name)).toMatchObject({ uid: dashboards[name].uid, title: dashboards[name].title });
  });

  it('equals its committed JSON', () => {
    const committed = readFileSync(path.join(root, 'dashboards/rendered', `${name}.json`), 'utf8');
    expect(JSON.parse(committed), 'run `make generate`').toEqual(render(name));
  });
});

describe.each(dashboardNames)('dashboard %s', (name) => {
  const dashboard = render(name);

  it.each(Object.entries(mustShow[name]))('shows %s', (_, shown) => {
    for (const wanted of shown) {
      const [title, type] = typeof wanted === 'string' ? [wanted, undefined] : wanted;
      const panel = dashboard.panels.find((candidate) => candidate.title === title);
      expect(panel, title).toMatchObject(type ? { title, type } : { title });
    }
  });

  it('has exactly the variables that narrow one of its panels', () => {
    expect(dashboard.templating.list.map((variable) => variable.name)).toEqual(mustNarrow[name]);
  });
});

describe('the dashboards together', () => {
  const all = dashboardNames.map((name) => render(name));

  it('have different uids and titles: Grafana refuses duplicates', () => {
    expect(new Set(all.map(({ uid }) => uid)).size).toBe(all.length);
    expect(new Set(all.map(({ title }) => title)).size).toBe(all.length);
  });

  it('give a series the same colour everywhere', () => {
    const together = { ...render('overview'), panels: all.flatMap(({ panels }) => panels) };
    expect(rules['one colour means one thing'](together)).toEqual([]);
  });

  const asked = all.flatMap(({ panels }) =>
    panels.flatMap(({ targets = [] }) =>
      targets.flatMap(({ expr }) => readQuery(expr).selectors.map(({ metric }) => metric)),
    ),
  );

  it('query every metric of the catalogue', () => {
    const named = new Set(asked.map(catalogueName));
    expect(metricNames.filter((name) => !named.has(name))).toEqual([]);
  });

  it('query every series that is recorded each minute', () => {
    expect(minuteCountList.map(({ record }) => record).filter((record) => !asked.includes(record))).toEqual([]);
  });
});

describe.each(ruleNames)('the rule: %s', (rule) => {
  it.each(breaks[rule].map((breakIt, index) => ({ breakIt, index })))('reports violation $index', ({ breakIt }) => {
    const dashboard = structuredClone(render('overview'));
    breakIt(dashboard);
    expect(rules[rule](dashboard)).not.toEqual([]);
  });
});

describe('System Overview', () => {
  const panels = render('overview').panels.filter((panel) => panel.type !== 'row');
  const panel = (title: string) => panels.find((candidate) => candidate.title === title);

  it('has at least 17 panels', () => {
    expect(panels.length).toBeGreaterThanOrEqual(17);
  });

  it.each(['Pipeline success rate', 'Kafka publish success rate'])(
    '%s: red below 0.8, yellow below 0.95, then green',
    (title) => {
      expect(panel(title)).toMatchObject({ type: 'gauge' });
      expect(panel(title)?.fieldConfig?.defaults.thresholds?.steps).toEqual([
        { value: null, color: 'red' },
        { value: 0.8, color: 'yellow' },
        { value: 0.95, color: 'green' },
      ]);
    },
  );

  it('opens with the namespace and the data source of its options, and shows the health of the services in that namespace', () => {
    const options = { services: ['backend', 'extra'], namespace: 'trading', datasource: 'Thanos' };
    const dashboard = render('overview', options);
    const current = (name: string) =>
      dashboard.templating.list.find((variable) => variable.name === name)?.current?.value;
    expect(current('namespace')).toEqual(['trading']);
    expect(current('datasource')).toBe('Thanos');
    const health = dashboard.panels.filter(({ title }) => title.startsWith('Health: ')).map(({ title }) => title);
    expect(health).toEqual(['Health: backend', 'Health: extra']);
  });

  it('opens with the pipeline of its options, as does every dashboard that can be narrowed to a pipeline', () => {
    for (const name of dashboardNames) {
      const { templating } = render(name, { services: [], pipelineId: 'trading.trend' });
      const pipeline = templating.list.find((variable) => variable.name === 'pipeline_id');
      expect(pipeline?.current?.value).toEqual(
        mustNarrow[name].includes('pipeline_id') ? ['trading.trend'] : undefined,
      );
    }
  });

  it('uses the scrape interval in its options for the panels of the service that the options name', () => {
    const dashboard = render('overview', { services: [], scrapeIntervals: { 'trigger-dispatcher': '1m' } });
    const interval = (title: string) => dashboard.panels.find((candidate) => candidate.title === title)?.interval;
    expect(interval('Kafka consumer lag')).toBe('1m');
    expect(interval('Signal generation rate')).toBe('15s');
  });

  it('keeps a minimum interval of 15 s for panels of series that are recorded each minute, even if services are scraped more often', () => {
    const often = { 'celery-worker': '5s', backend: '5s', 'trigger-dispatcher': '5s' };
    const dashboard = render('overview', { services: [], scrapeIntervals: often });
    const interval = (title: string) => dashboard.panels.find((candidate) => candidate.title === title)?.interval;
    expect(interval('Execution duration P50, P95, P99')).toBe('15s');
    expect(interval('Kafka consumer lag')).toBe('5s');
  });

  it('is built the same every time', () => {
    expect(JSON.stringify(render('overview'))).toBe(JSON.stringify(render('overview')));
  });
});
