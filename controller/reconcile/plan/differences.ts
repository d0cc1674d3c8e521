/**
 * Finds the fields in which an object in the cluster differs from the compiled object. Labels and annotations that others add
 * are no difference: tools such as kubectl and Argo CD write them, and they change nothing for Prometheus or Grafana. Pure.
 */
import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../api/kube-object.ts';
import { type FieldSteps, findManager } from '../managed-fields.ts';
import { contentOf } from '../observed.ts';

/** A field of a generated object that differs from the compiled object. */
export interface Difference {
  /** The path of the field, such as `spec.groups[extra]`. */
  readonly path: string;
  readonly kind: 'added' | 'changed' | 'removed';
  /** The field manager that owns the field; undefined if no other manager than ours does. */
  readonly manager: string | undefined;
}

/** Lists whose items the API server identifies by a field. It compares all other lists as a whole. */
const keyedLists: Readonly<Record<string, string>> = { 'spec.groups': 'name', 'metadata.ownerReferences': 'uid' };

type Fields = Readonly<Record<string, unknown>>;
type Report = (kind: Difference['kind'], steps: FieldSteps) => void;

export function findDifferences(wanted: KubeObject, live: KubeObject): Difference[] {
  const found: Difference[] = [];
  const report: Report = (kind, steps) =>
    found.push({ path: formatSteps(steps), kind, manager: findManager(live, steps) });
  compare(comparable(wanted, wanted), comparable(live, wanted), [], report);
  return found;
}

/** Returns the fields that are in the object in the cluster but not in the compiled object. */
export function findAdditions(wanted: KubeObject, live: KubeObject): Difference[] {
  if (isDeepStrictEqual(comparable(wanted, wanted), comparable(live, wanted))) return [];
  return findDifferences(wanted, live).filter(({ kind }) => kind === 'added');
}

/** Returns the parts of an object to compare. An object that is applied without its content leaves the content to users. */
function comparable(object: KubeObject, wanted: KubeObject): Fields {
  const { labels, annotations, ownerReferences } = object.metadata;
  const metadata = {
    labels: pick(labels, wanted.metadata.labels),
    annotations: pick(annotations, wanted.metadata.annotations),
    ...(wanted.metadata.ownerReferences && { ownerReferences: ownerReferences ?? [] }),
  };
  return Object.keys(contentOf(wanted)).length === 0 ? { metadata } : { metadata, ...contentOf(object) };
}

function pick(map: Readonly<Record<string, string>> = {}, wanted: Readonly<Record<string, string>> = {}): Fields {
  return Object.fromEntries(Object.entries(map).filter(([key]) => Object.hasOwn(wanted, key)));
}

function compare(wanted: unknown, live: unknown, at: FieldSteps, report: Report): void {
  if (isDeepStrictEqual(wanted, live)) return;
  if (isFields(wanted) && isFields(live)) compareFields(wanted, live, at, report);
  else if (Array.isArray(wanted) && Array.isArray(live)) compareLists(wanted, live, at, report);
  else report('changed', at);
}

function compareFields(wanted: Fields, live: Fields, at: FieldSteps, report: Report): void {
  for (const [name, value] of Object.entries(live)) {
    if (value === undefined) continue;
    if (read(wanted, name) === undefined) report('added', [...at, name]);
    else compare(read(wanted, name), value, [...at, name], report);
  }
  for (const [name, value] of Object.entries(wanted))
    if (value !== undefined && read(live, name) === undefined) report('removed', [...at, name]);
}

function compareLists(wanted: readonly unknown[], live: readonly unknown[], at: FieldSteps, report: Report): void {
  const key = keyedLists[at.join('.')];
  if (key !== undefined) compareKeyed([wanted, live], key, at, report);
  else if (wanted.length !== live.length) report('changed', at);
  else for (const [index, value] of wanted.entries()) compare(value, live[index], [...at, index], report);
}

function compareKeyed(
  [wanted, live]: readonly [readonly unknown[], readonly unknown[]],
  key: string,
  at: FieldSteps,
  report: Report,
): void {
  const byKey = (items: readonly unknown[]) => new Map(items.map((item) => [String((item as Fields)[key]), item]));
  const [ours, theirs] = [byKey(wanted), byKey(live)];
  for (const [value, item] of theirs) {
    const steps = [...at, { key, value }];
    if (ours.has(value)) compare(ours.get(value), item, steps, report);
    else report('added', steps);
  }
  for (const value of ours.keys()) if (!theirs.has(value)) report('removed', [...at, { key, value }]);
}

/** Reads an own field: keys of users may be names of Object's prototype, such as `constructor`. */
function read(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

function isFields(value: unknown): value is Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function formatSteps(steps: FieldSteps): string {
  return steps.reduce<string>((path, step) => {
    if (typeof step === 'number') return `${path}[${step}]`;
    if (typeof step !== 'string') return `${path}[${step.value}]`;
    if (!/^[\w-]+$/.test(step)) return `${path}[${step}]`;
    return path === '' ? step : `${path}.${step}`;
  }, '');
}
