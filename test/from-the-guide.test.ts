import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { checkPromql } from '#base/promql/check-promql.ts';
import { selectedMetrics } from '#base/promql/promql-tree.ts';
import { alertNames } from '#catalogue/alerts.ts';
import { metricNames } from '#catalogue/metrics.ts';

const page = readFileSync(path.resolve(import.meta.dirname, '../docs/from-the-guide.md'), 'utf8');
const rowsOf = (heading: string) =>
  page
    .split(`## ${heading}\n`)[1]!
    .split('\n## ')[0]!
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| the guide |') && !line.startsWith('| alert |'))
    .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')));
/** The metrics of scrapes themselves, which no service emits. */
const ofScrapes = ['up'];
const answers = rowsOf('Queries').flatMap(([, , ask]) => [...ask!.matchAll(/`([^`]+)`/g)].map(([, query]) => query!));

it.each(answers)('asks only for metrics that exist: %s', (query) => {
  expect(checkPromql(query)).toBeUndefined();
  const known = new Set([...metricNames, ...ofScrapes]);
  const names = selectedMetrics(query).map((name) => name.replace(/_(bucket|sum|count)$/, ''));
  expect(names.length).toBeGreaterThan(0);
  expect(names.filter((name) => !known.has(name as never))).toEqual([]);
});

it('names only alerts that exist', () => {
  const names = rowsOf('Alerts').map(([name]) => name);
  expect(names.length).toBeGreaterThan(5);
  expect(names.filter((name) => !alertNames.includes(name as never))).toEqual([]);
});
