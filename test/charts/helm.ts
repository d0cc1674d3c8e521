/** Renders the chart with the real Helm, and finds objects in the output. */
import { execFile } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '#controller/api/kube-object.ts';
import { parts } from '#local/parts/index.ts';
import { chartFolder, stageChart } from '#tools/chart/stage-chart.ts';
import { provisionForTests } from '../support/provision-for-tests.ts';
import { makeTestFolder } from '../support/test-folder.ts';

/** An object that Helm rendered. The tests read its fields without a type for each kind. */
// biome-ignore lint/suspicious/noExplicitAny: a manifest can be of any kind
export type Manifest = Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'> & { [field: string]: any };

export const NAMESPACE = 'trading-platform';
export const RELEASE = 'trading-platform';

interface Values {
  /** Names of files in the chart's values/; a later file overrides an earlier one. */
  readonly files?: readonly string[];
  /** Values, keyed by their dotted path. They override the files. */
  readonly set?: object;
}

/**
 * Values files that must be combined with other values files, as their first lines say. Each is mapped to the files
 * that Helm must read before it.
 */
const bases: Readonly<Record<string, readonly string[]>> = {
  'aws.yaml': ['production.yaml'],
  'thanos.yaml': ['production.yaml'],
  'mimir.yaml': ['production.yaml'],
};

/** Title and values of every installation that the chart supports: its defaults, and each of its values files. */
export const installations: readonly [string, Values][] = [
  ['its defaults', {}],
  ...readdirSync(join(chartFolder, 'values')).map((file): [string, Values] => [
    file,
    { files: [...(bases[file] ?? []), file] },
  ]),
];

/**
 * Copies the chart without kube-prometheus-stack into a folder, which is removed after the tests. Returns a function
 * that returns the path of the copied chart.
 */
export function useStagedChart(): () => string {
  let folder: string;
  beforeAll(() => {
    folder = makeTestFolder('chart');
    stageChart(join(folder, 'chart'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return () => join(folder, 'chart');
}

/** Runs Helm and returns its standard output. @throws Error with Helm's standard error */
export async function runHelm(args: readonly string[], kubeconfig?: string): Promise<string> {
  const { files } = await provisionForTests(parts.helm);
  // without KUBECONFIG, Helm would read the developer's own kubeconfig
  const env = { ...process.env, KUBECONFIG: kubeconfig ?? '/dev/null' };
  const { stdout } = await promisify(execFile)(files.helm, args, { env, maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/** Builds the arguments that pass these values to Helm. */
export function valueArgs(chart: string, { files = [], set = {} }: Values): string[] {
  return [
    ...files.flatMap((file) => ['--values', join(chart, 'values', file)]),
    ...Object.entries(set).flatMap(([name, value]) => ['--set-json', `${name}=${JSON.stringify(value)}`]),
  ];
}

/** Renders the objects that `helm install` would send, without the chart's test pods. */
export async function renderChart(chart: string, values: Values = {}): Promise<Manifest[]> {
  const args = ['template', RELEASE, chart, '--namespace', NAMESPACE, '--skip-tests', ...valueArgs(chart, values)];
  return parseManifests(await runHelm(args));
}

/** Parses YAML documents into objects; empty documents are left out. @throws Error with the document if one does not parse */
export function parseManifests(text: string): Manifest[] {
  return parseAllDocuments(text).flatMap((document) => {
    const [error] = document.errors;
    if (error) throw new Error(`${error.message}\n${document.toString()}`);
    const object = document.toJS() as Manifest | null;
    return object ? [object] : [];
  });
}

export function find(objects: readonly Manifest[], kind: string, name: string): Manifest | undefined {
  return objects.find((object) => object.kind === kind && object.metadata.name === name);
}

/** Finds an object by its kind and name. @throws Error that lists all objects if this one is missing */
export function need(objects: readonly Manifest[], kind: string, name: string): Manifest {
  const found = find(objects, kind, name);
  if (!found) throw new Error(`no ${kind} ${name} among ${objects.map(describeObject).join(', ')}`);
  return found;
}

export function describeObject({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata.name}`;
}
