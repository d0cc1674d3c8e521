/** Values that reach a template: large numbers, text that looks like a number, and fields without a value. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { readValues, type ValueField } from '#tools/chart/read-values.ts';
import { chartFolder } from '#tools/chart/stage-chart.ts';
import { makeTestFolder, removeTestFolder } from '../support/test-folder.ts';
import { type Manifest, NAMESPACE, need, parseManifests, renderChart, runHelm, useStagedChart } from './helm.ts';

const chart = useStagedChart();
const folder = makeTestFolder('values');
afterAll(() => removeTestFolder(folder));

const STACK = 'kube-prometheus-stack';
const fields = readValues(readFileSync(join(chartFolder, 'values.yaml'), 'utf8'));

function flatten(some: readonly ValueField[]): ValueField[] {
  return some.flatMap((field) => [field, ...flatten(field.fields)]);
}

/** Fields whose values are maps of the chart, by whether they hold other fields. The stack has values of its own. */
const own = flatten(fields).filter(({ path }) => path[0] !== STACK);
const leaves = own.filter((field) => field.fields.length === 0);
const maps = own.filter((field) => field.fields.length > 0);

/** Builds nested values from dotted paths. */
function nest(entries: readonly (readonly [readonly string[], unknown])[]): object {
  const values: Record<string, unknown> = {};
  for (const [path, value] of entries) {
    let at = values;
    for (const name of path.slice(0, -1)) {
      at[name] ??= {};
      at = at[name] as Record<string, unknown>;
    }
    at[path.at(-1)!] = value;
  }
  return values;
}

/** Renders the chart with a file of values, as users write it: with --set, Helm reads numbers in another way. */
async function renderFile(values: object | string): Promise<Manifest[]> {
  const file = join(folder, 'values.yaml');
  writeFileSync(file, typeof values === 'string' ? values : stringify(values));
  return parseManifests(
    await runHelm([
      'template',
      'trading-platform',
      chart(),
      '--namespace',
      NAMESPACE,
      '--skip-tests',
      '--values',
      file,
    ]),
  );
}

function environmentOf(objects: readonly Manifest[], name: string): Record<string, unknown> {
  const [container] = need(objects, 'Deployment', name).spec.template.spec.containers;
  return Object.fromEntries(container.env.map((one: { name: string; value: string }) => [one.name, one.value]));
}

describe('a number', () => {
  it('of any size keeps its digits in `env`', async () => {
    const env = { API_BODY_LIMIT_BYTES: 10485760, ID: 123456789, MOST: 9007199254740991, LEAST: -9007199254740991 };
    const more = { SMALL: 1000, FLAG: true, NAME: '007', PART: 0.05, TINY: 0.0000005, LONG: 1234567.25 };
    const objects = await renderFile({ serviceDefaults: { env: { ...env, ...more } }, services: { backend: { env } } });
    for (const name of ['backend', 'celery-worker', 'controller'])
      expect(environmentOf(objects, name)).toMatchObject({
        ...{ API_BODY_LIMIT_BYTES: '10485760', ID: '123456789', MOST: '9007199254740991', LEAST: '-9007199254740991' },
        ...{ SMALL: '1000', FLAG: 'true', NAME: '007', PART: '0.05', TINY: '0.0000005', LONG: '1234567.25' },
      });
  });

  it('that has lost digits before Helm reads it is refused by its path', async () => {
    await expect(renderFile('serviceDefaults: {env: {BIG: 12345678901234567}}')).rejects.toThrow(
      'env.BIG: expected text, or a number of at most 9007199254740991, got 12345678901234568: put it in quotes',
    );
  });

  it('is never written with an exponent, wherever it stands', async () => {
    const numbers = own.filter(({ value, keywords }) => typeof value === 'number' && keywords.maximum === undefined);
    const large = numbers.map(({ path }) => [path, 12_345_678] as const);
    const price = [['model', 'price', 'inputUsdPerMillion'], 12_345_678] as const;
    const model = [
      [['model', 'url'], 'http://m/v1'],
      [['model', 'name'], 'm'],
      [['services', 'backend', 'autoscaling', 'enabled'], true],
      [['serviceDefaults', 'podDisruptionBudget', 'maxUnavailable'], 12_345_678],
    ] as const;
    const text = JSON.stringify(await renderFile(nest([...large, price, ...model])));
    expect(numbers.length).toBeGreaterThan(3);
    expect(text).toContain('12345678');
    expect(text).not.toMatch(/\d[eE]\+\d/);
  });
});

/** Lists path and type of each scalar in an object. */
function typesOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [`${path}: ${typeof value}`];
  return Object.entries(value).flatMap(([name, inner]) => typesOf(inner, `${path}/${name}`));
}

it('text that looks like a number or a truth value stays text', async () => {
  const free = leaves.filter(({ value, keywords }) => typeof value === 'string' && !keywords.enum && !keywords.pattern);
  const typesWith = async (text: string) => {
    const entries = free.map(({ path }) => [path, text] as const);
    const more = [
      [['services', 'backend', 'nodeSelector'], { disk: text }],
      [['kafka', 'external', 'tls'], true],
      [['exporters', 'kafka', 'enabled'], true],
      [['exporters', 'redis', 'enabled'], true],
      [['kafka', 'external', 'sasl', 'mechanism'], 'plain'],
      [['model', 'url'], 'http://m/v1'],
    ] as const;
    const objects = await renderFile(nest([...entries, ...more]));
    return objects.flatMap((object) => typesOf(object));
  };
  const plain = await typesWith('text');
  expect(free.length).toBeGreaterThan(20);
  for (const text of ['007', '1e3', 'true']) expect(await typesWith(text)).toEqual(plain);
});

describe('a field without a value', () => {
  const bare = (path: readonly string[]) => renderFile(nest([[path, null]])).then(() => '', String);

  it.each(maps.map(({ path }) => [path.join('.'), path] as const))(
    '%s: means the default, or is named',
    async (_, path) => {
      const message = await bare(path);
      if (message === '') return;
      expect(message).not.toContain('template:');
      expect(message).toContain(
        `at '${path
          .slice(0, -1)
          .map((name) => `/${name}`)
          .join('')}': missing property '${path.at(-1)}'`,
      );
    },
  );

  it('whose default is not empty is named, each of them at once', async () => {
    const message = await renderFile(nest(leaves.map(({ path }) => [path, null] as const))).then(() => '', String);
    expect(message).not.toContain('template:');
    const isEmpty = ({ value }: ValueField) =>
      Array.isArray(value) ? value.length === 0 : typeof value === 'object' || !value;
    const named = leaves.filter((field) => !isEmpty(field));
    expect(named.length).toBeGreaterThan(40);
    for (const { path } of named)
      expect(message).toMatch(new RegExp(`'/${path.slice(0, -1).join('/')}': missing propert.*'${path.at(-1)}'`));
  });

  it('whose default is empty means the default', async () => {
    const message = await renderFile(
      'services: {backend: }\nserviceDefaults: {env: , nodeSelector: }\nglobal:\nalerting:\ntradingPipeline: {spec: }\nexporters: {kafka: {enabled: }}',
    );
    const environment = environmentOf(message, 'backend');
    expect(environment).toEqual(environmentOf(await renderChart(chart()), 'backend'));
  });

  it.each(['grafana', 'alertmanager', 'grafana.admin', 'fullnameOverride'])(
    '%s of the stack is named',
    async (name) => {
      const message = await bare([STACK, ...name.split('.')]);
      expect(message).toContain(`missing property '${name.split('.').at(-1)}'`);
    },
  );

  it('that a service has from serviceDefaults is named too', async () => {
    expect(await bare(['services', 'backend', 'resources'])).toContain(
      "at '/services/backend/resources': got null, want object",
    );
  });
});
