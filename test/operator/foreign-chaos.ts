/**
 * Random changes that other field managers make to the objects of a TradingPipeline: fields, list items, keys, owner
 * references and labels, added, changed and removed. The same seed makes the same changes.
 */
import { generatedResources, type KubeObject, type Resource } from '#controller/api/kube-object.ts';
import type { KubeClient } from '#controller/kube/kube-client.ts';
import { KubeError } from '#controller/kube/kube-error.ts';

/** Returns a number from 0 to 1, exclusive. */
type Random = () => number;

/** A generator of random numbers with a seed (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Change = (object: KubeObject, random: Random) => void;
type Group = { name: string; limit?: number; interval?: string; rules: { expr: string; for?: string }[] };
type Monitor = { endpoints: { interval?: string }[]; [field: string]: unknown };

const pick = <T>(from: readonly T[], random: Random): T => from[Math.floor(random() * from.length)] as T;
const mark = (random: Random) => `x${Math.floor(random() * 1e6)}`;
const owner = (random: Random, more: object = {}) => ({
  ...{ apiVersion: 'v1', kind: 'ConfigMap', name: mark(random), uid: mark(random) },
  ...more,
});

const metadataChanges: readonly Change[] = [
  ({ metadata }, random) => void metadata.ownerReferences?.push(owner(random)),
  ({ metadata }, random) =>
    void metadata.ownerReferences?.unshift(
      owner(random, { apiVersion: 'trading-platform.dev/v1alpha1', kind: 'TradingPipeline' }),
    ),
  ({ metadata }) => void delete metadata.ownerReferences,
  ({ metadata }) => void Object.assign(metadata.ownerReferences?.[0] ?? {}, { controller: false }),
  ({ metadata }, random) => void delete metadata.labels?.[pick(Object.keys(metadata.labels), random)],
  ({ metadata }, random) => Object.assign(metadata.labels ?? {}, { 'trading-platform.dev/pipeline': mark(random) }),
  ({ metadata }, random) => Object.assign(metadata.labels ?? {}, { [mark(random)]: 'theirs' }),
];

const contentChanges: Readonly<Record<string, readonly Change[]>> = {
  PrometheusRule: [
    ({ spec }, random) =>
      void groups(spec).push({ name: mark(random), rules: [{ alert: 'Extra', expr: 'sum(up' } as never] }),
    ({ spec }, random) => void Object.assign(pick(groups(spec), random), { limit: 1 }),
    ({ spec }, random) => void Object.assign(pick(pick(groups(spec), random).rules, random), { expr: 'vector(1)' }),
    ({ spec }, random) => void pick(groups(spec), random).rules.pop(),
    ({ spec }, random) => void groups(spec).splice(Math.floor(random() * groups(spec).length), 1),
    ({ spec }) => void groups(spec).reverse(),
    ({ spec }, random) => void pick(groups(spec), random).rules.push({ expr: '))', record: 'a' } as never),
  ],
  ServiceMonitor: [
    ({ spec }) => void Object.assign(spec as Monitor, { sampleLimit: 1, namespaceSelector: { any: true } }),
    ({ spec }, random) => void (spec as Monitor).endpoints.push({ port: mark(random) } as never),
    ({ spec }) => void Object.assign((spec as Monitor).endpoints[0] ?? {}, { interval: '9m', honorLabels: true }),
    ({ spec }) => void Object.assign(spec as Monitor, { selector: { matchLabels: { app: 'theirs' } } }),
    ({ spec }) => void Object.assign(spec as Monitor, { endpoints: [] }),
  ],
  ConfigMap: [
    (object, random) => void Object.assign(object.data ?? {}, { [`${mark(random)}.json`]: '{}' }),
    (object) => void Object.assign(object.data ?? {}, { constructor: 'theirs' }),
    (object) => void Object.assign(object, { binaryData: { 'theirs.bin': 'AAAA' } }),
    (object) => void Object.assign(object, { immutable: true }),
    (object) => void Object.assign(object, { data: { 'theirs.json': '{}' } }),
    (object) => void delete object.data,
  ],
};

function groups(spec: unknown): Group[] {
  return (spec as { groups: Group[] }).groups;
}

interface ChaosOptions {
  readonly admin: KubeClient;
  readonly namespace: string;
  /** The names of the generated objects. The objects may lose their labels, so they are read by name. */
  readonly objects: readonly { readonly resource: Resource; readonly name: string }[];
  readonly changes: number;
  readonly random: Random;
}

/** Makes random changes, one after the other, each as soon as the last one is answered. Returns how many were accepted. */
export async function changeAtRandom({ admin, namespace, objects, changes, random }: ChaosOptions): Promise<number> {
  let accepted = 0;
  for (let attempt = 0; accepted < changes && attempt < 20 * changes; attempt++) {
    const { resource, name } = pick(objects, random);
    const change = pick([...metadataChanges, ...(contentChanges[resource.kind] ?? [])], random);
    try {
      const object = await admin.get<KubeObject>(resource, { namespace, name });
      change(object, random);
      await admin.replace(resource, object);
      accepted++;
    } catch (error) {
      // a conflict with a repair, a change of what another change removed, or an object that is being created again
      if (!(error instanceof KubeError || error instanceof TypeError)) throw error;
    }
  }
  return accepted;
}

/** Lists the generated objects of a TradingPipeline, by their label. */
export async function listGenerated(admin: KubeClient, namespace: string, pipeline: string): Promise<KubeObject[]> {
  const labelSelector = `trading-platform.dev/pipeline=${pipeline}`;
  const lists = await Promise.all(
    generatedResources.map((resource) => admin.list<KubeObject>(resource, { namespace, labelSelector })),
  );
  return lists.flatMap(({ items }) => items);
}
