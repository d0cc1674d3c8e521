import { describe, expect, it } from 'vitest';
import { annotations, labels } from '../api/names.ts';
import type { TradingPipeline } from '../api/trading-pipeline.ts';
import type { ObservedObject, ObservedService } from './observed.ts';
import { type ClusterChange, isAskedAnew, routeChange } from './route-changes.ts';

function resource(name: string, spec: object, more: object = {}, namespace = 'desk'): TradingPipeline {
  const metadata = { namespace, name, uid: `uid-${namespace}-${name}`, generation: 1, ...more };
  return { apiVersion: '', kind: 'TradingPipeline', metadata, spec } as TradingPipeline;
}

const backend = { services: [{ name: 'backend' }] };
const a = resource('a', backend);
const b = resource('b', backend);
const elsewhere = resource('c', backend, {}, 'other');
const boards = resource('d', { dashboards: { include: ['overview'] } }, {}, 'other');
const service: ObservedService = {
  namespace: 'desk',
  name: 'backend',
  labels: { 'app.kubernetes.io/name': 'backend' },
  ports: ['metrics'],
};

function routed(change: ClusterChange, resources: readonly TradingPipeline[] = [a, b, elsewhere, boards]): string[] {
  const found = routeChange(change, {
    resources: () => resources,
    service: (key) => (key === 'desk/backend' ? service : undefined),
  });
  return found.map(({ key, priority }) => `${key} ${priority}`);
}

describe('routeChange', () => {
  it('routes a new resource to itself first, and to the rivals that list the same service in its namespace', () => {
    expect(routed({ of: 'resource', key: 'desk/a', after: a })).toEqual(['desk/a 0', 'desk/b 1']);
  });

  it('routes a changed resource to the rivals of its old and of its new spec', () => {
    const after = resource('a', { dashboards: { include: ['overview'] } }, { generation: 2 });
    const change = { of: 'resource', key: 'desk/a', before: a, after } as const;
    expect(routed(change)).toEqual(['desk/a 0', 'desk/b 1', 'other/d 1']);
  });

  it('ignores a change of the status alone', () => {
    expect(routed({ of: 'resource', key: 'desk/a', before: a, after: { ...a, status: { conditions: [] } } })).toEqual(
      [],
    );
  });

  it('routes a generated object to the resource that its label names', () => {
    const object = { namespace: 'desk', labels: { [labels.pipeline]: 'gone' } } as unknown as ObservedObject;
    expect(routed({ of: 'object', key: 'desk/x', before: object })).toEqual(['desk/gone 1']);
  });

  it('routes a Service and its endpoints to the resources in its namespace that select it', () => {
    expect(routed({ of: 'service', key: 'desk/backend', after: service })).toEqual(['desk/a 1', 'desk/b 1']);
    const slice = { namespace: 'desk', service: 'backend', ports: ['metrics'], ready: 1 };
    const change = { of: 'endpoints', key: 'desk/backend-1', before: slice } as const;
    expect(routed({ ...change, after: { ...slice, ready: 2 } })).toEqual(
      Array(2).fill(['desk/a 1', 'desk/b 1']).flat(),
    );
    expect(routed({ ...change, after: { ...slice } })).toEqual([]);
    expect(routed({ ...change, before: { ...slice, service: 'unknown' } })).toEqual([]);
  });

  it('routes new selectors of a Prometheus to every resource, and new labels of a namespace to the resources in it, at low priority', () => {
    const prometheus = (spec: object) => ({ apiVersion: '', kind: 'Prometheus', metadata: { name: 'p' }, spec });
    const change = { of: 'prometheus', key: 'monitoring/p', before: prometheus({}) } as const;
    expect(routed({ ...change, after: prometheus({ ruleSelector: {} }) })).toHaveLength(4);
    expect(routed({ ...change, after: prometheus({}) })).toEqual([]);
    const namespace = { of: 'namespace', key: 'other', before: { name: 'other', labels: {} } } as const;
    expect(routed({ ...namespace, after: { name: 'other', labels: { a: 'b' } } })).toEqual(['other/c 2', 'other/d 2']);
    expect(routed({ ...namespace, after: { name: 'other', labels: {} } })).toEqual([]);
  });
});

describe('isAskedAnew', () => {
  it.each([
    ['the spec', { generation: 2 }],
    ['the pause annotation', { annotations: { [annotations.paused]: 'true' } }],
    ['the start of its deletion', { deletionTimestamp: '2026-01-01T00:00:00Z' }],
    ['another object of the same name', { uid: 'uid-new' }],
  ])('counts %s', (_what, metadata) => {
    expect(isAskedAnew(a, resource('a', backend, metadata))).toBe(true);
  });

  it('does not count labels', () => {
    expect(isAskedAnew(a, resource('a', backend, { labels: { team: 'x' } }))).toBe(false);
  });
});
