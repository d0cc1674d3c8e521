import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { alertDefinition, alertNames } from '#catalogue/alerts.ts';
import {
  DEFAULT_LABEL_SETS,
  knownLabelSets,
  type MetricName,
  metricDefinition,
  metricNames,
  metricsEmittedBy,
} from '#catalogue/metrics.ts';
import {
  type CountedSeries,
  type ObjectiveDefinition,
  objectiveAlertNames,
  objectiveSeries,
  objectives,
} from '#catalogue/objectives.ts';
import { operatorAlertDefinition, operatorAlertNames } from '#catalogue/operator-alerts.ts';
import { CONTROLLER, serviceNames, services } from '#catalogue/services.ts';
import { generatedFiles } from '../tools/generated-files.ts';
import { readQuery } from './dashboards/promql-reader.ts';
import { knownSeries } from './dashboards/queried-series.ts';

const root = path.resolve(import.meta.dirname, '..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

/** Gauges whose names end in _total, against Prometheus' conventions. They keep these names because users already query them. */
const gaugesNamedTotal: readonly MetricName[] = ['trading_bots_active_total'];

describe.each(metricNames)('metric %s', (name) => {
  const { type, labels = {}, labelSets, buckets, help, emittedBy } = metricDefinition(name);

  it('has a valid name and valid labels, and no label that Prometheus sets itself', () => {
    expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
    for (const label of Object.keys(labels)) {
      expect(label).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(['job', 'instance', 'namespace', 'pod', 'cluster', 'le', 'quantile', 'user', 'user_id']).not.toContain(
        label,
      );
    }
  });

  it('ends in _total if and only if it is a counter', () => {
    expect(name.endsWith('_total')).toBe(type === 'counter' || gaugesNamedTotal.includes(name));
  });

  it('has rising buckets if and only if it is a histogram', () => {
    expect(buckets !== undefined).toBe(type === 'histogram');
    expect(buckets ?? []).toEqual([...new Set(buckets)].sort((a, b) => a - b));
  });

  it('has a help text and an emitter', () => {
    expect(help).toMatch(/^\S.*\.$/);
    expect(emittedBy.length).toBeGreaterThan(0);
  });

  it('has closed lists without duplicates, and a bounded number of label sets', () => {
    for (const [label, values] of Object.entries(labels)) {
      if (!('open' in values)) expect(new Set(values).size, label).toBe(values.length);
    }
    expect(labelSets ?? DEFAULT_LABEL_SETS).toBeLessThanOrEqual(5_000);
    expect(knownLabelSets(name).length).toBeLessThanOrEqual(500);
  });
});

describe('processes', () => {
  it.each([...serviceNames, CONTROLLER] as const)('%s emits metrics', (name) => {
    expect(metricsEmittedBy(name).length).toBeGreaterThan(5);
  });

  it('have different ports', () => {
    const ports = serviceNames.map((name) => services[name].localMetricsPort);
    expect(new Set(ports).size).toBe(ports.length);
  });
});

const definitions = [
  ...alertNames.map((name) => [name, alertDefinition(name)] as const),
  ...operatorAlertNames.map((name) => [name, operatorAlertDefinition(name)] as const),
];
const runbookHeadings = [...alertNames, ...objectiveAlertNames, ...operatorAlertNames];

it('no two alerts have the same name', () => {
  expect(new Set(runbookHeadings).size).toBe(runbookHeadings.length);
});

describe.each(definitions)('alert %s', (_, definition) => {
  it('has a duration, and a positive threshold if any', () => {
    expect(definition.for).toMatch(/^\d+[smhd]$/);
    if (definition.threshold !== undefined) expect(definition.threshold).toBeGreaterThan(0);
  });
});

const recordedSeries: readonly string[] = Object.values(objectiveSeries);

describe.each(runbookHeadings)('alert %s', (name) => {
  const section = runbookSection(name);

  it.each(['What it means', 'What users feel', 'First look', 'Remedy', 'When to silence'])(
    'has a runbook with the part: %s',
    (part) => {
      expect(section, `the runbook of ${name} in catalogue/alerts/ needs the part ${part}`).toContain(`**${part}.** `);
    },
  );

  it('has a first look with queries that parse and read series that exist', () => {
    const queries = [...section.matchAll(/```promql\n(.*?)\n```/gs)].map(([, query]) => query ?? '');
    expect(queries.length).toBeGreaterThan(0);
    for (const query of queries) {
      for (const { metric } of readQuery(query).selectors)
        expect(knownSeries(metric) || recordedSeries.includes(metric), `${name}: ${metric}`).toBe(true);
    }
  });
});

function runbookSection(alert: string): string {
  return read('docs/runbooks/alerts.md').split(`\n## ${alert}\n`)[1]?.split('\n## ')[0] ?? '';
}

it('the page of runbooks has exactly the alerts as headings, in their order', () => {
  const headings = [...read('docs/runbooks/alerts.md').matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
  expect(headings).toEqual(runbookHeadings);
});

describe.each(Object.entries<ObjectiveDefinition>(objectives))('objective %s', (_, { target, window, indicator }) => {
  it('has a target below 1 and a window', () => {
    expect(target).toBeGreaterThan(0);
    expect(target).toBeLessThan(1);
    expect(window).toMatch(/^\d+d$/);
  });

  it('counts series that exist', () => {
    for (const { metric, suffix, where = {} } of selectorsOf(indicator)) {
      const { type, labels = {} } = metricDefinition(metric);
      expect(type === 'histogram', `${metric}${suffix ?? ''}`).toBe(suffix === '_count');
      for (const label of Object.keys(where)) expect(Object.keys(labels)).toContain(label);
    }
  });

  it('has its latency limit among the buckets of the histogram', () => {
    if (indicator.kind !== 'latency') return;
    expect(metricDefinition(indicator.histogram).buckets).toContain(indicator.belowSeconds);
  });
});

function selectorsOf(indicator: ObjectiveDefinition['indicator']): readonly CountedSeries[] {
  if (indicator.kind === 'latency') return [{ metric: indicator.histogram, suffix: '_count' }];
  return [indicator.kind === 'ratio' ? indicator.good : indicator.bad, ...indicator.total];
}

describe('generated files', () => {
  it.each(generatedFiles)('$path is up to date', ({ path: file, build }) => {
    expect(read(file), 'run `make generate` and commit what it writes').toBe(build());
  });
});
