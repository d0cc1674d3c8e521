import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '#controller/api/kube-object.ts';
import { parts } from '#local/parts/index.ts';
import { provisionForTests } from '../support/provision-for-tests.ts';

/** An object as Helm renders it; the tests look into it without a type of its own. */
// biome-ignore lint/suspicious/noExplicitAny: a manifest of any kind
export type Manifest = Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'> & { [field: string]: any };

export const NAMESPACE = 'trading-platform';
export const RELEASE = 'trading-platform';

export interface Values {
  /** Files, later ones over earlier ones. */
  readonly files?: readonly string[];
  /** Over the files. */
  readonly set?: object;
}

/** Runs Helm. @throws Error with what Helm says */
export async function runHelm(args: readonly string[], kubeconfig?: string): Promise<string> {
  const { files } = await provisionForTests(parts.helm);
  // a kubeconfig of the machine must not come into play
  const env = { ...process.env, KUBECONFIG: kubeconfig ?? '/dev/null' };
  const { stdout } = await promisify(execFile)(files.helm, args, { env, maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

export function valueArgs(chart: string, { files = [], set = {} }: Values): string[] {
  return [
    ...files.flatMap((file) => ['--values', join(chart, 'values', file)]),
    ...Object.entries(set).flatMap(([name, value]) => ['--set-json', `${name}=${JSON.stringify(value)}`]),
  ];
}

/** What `helm install` would send, without the tests. */
export async function renderChart(chart: string, values: Values = {}): Promise<Manifest[]> {
  const args = ['template', RELEASE, chart, '--namespace', NAMESPACE, '--skip-tests', ...valueArgs(chart, values)];
  return parseManifests(await runHelm(args));
}

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

export function need(objects: readonly Manifest[], kind: string, name: string): Manifest {
  const found = find(objects, kind, name);
  if (!found) throw new Error(`no ${kind} ${name} among ${objects.map(describeObject).join(', ')}`);
  return found;
}

export function describeObject({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata.name}`;
}
