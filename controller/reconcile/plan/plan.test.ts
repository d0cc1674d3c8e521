import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../api/kube-object.ts';
import { FIELD_MANAGER } from '../../api/names.ts';
import { contentFingerprint, type ObservedObject, observeObject } from '../observed.ts';
import { type PlanInput, plan } from './plan.ts';

const OURS = 'uid-ours';

function object(name: string, spec: object = { a: 1 }): KubeObject {
  const metadata = { name, namespace: 'desk', labels: { l: '1' }, annotations: { n: '1' } };
  return { apiVersion: 'v1', kind: 'ServiceMonitor', metadata, spec };
}

/** Returns the object as it is in the cluster after it was applied for an owner. */
function inCluster(one: KubeObject, ownerUid = OURS): ObservedObject {
  const owner = { apiVersion: 'trading-platform.dev/v1alpha1', kind: 'TradingPipeline', name: 'x', uid: ownerUid };
  return observeObject({
    ...one,
    metadata: { ...one.metadata, uid: `uid-${one.metadata.name}`, resourceVersion: '1', ownerReferences: [owner] },
  });
}

function planned(input: Partial<PlanInput>) {
  const result = plan({ ownerUid: OURS, desired: [], observed: [], settled: new Map(), ...input });
  return {
    apply: result.apply.map((one) => one.object.metadata.name),
    delete: result.delete.map((one) => one.name),
    foreign: result.foreign.map((one) => one.metadata.name),
    kept: result.kept.map((one) => `${one.object.metadata.name}${one.isOutdated ? ' outdated' : ''}`),
    drift: result.apply.filter((one) => one.isDrift).map((one) => one.object.metadata.name),
  };
}

const nothing = { apply: [], delete: [], foreign: [], kept: [], drift: [] };

describe('plan', () => {
  it('does nothing if the cluster has exactly the desired objects', () => {
    expect(planned({ desired: [object('a')], observed: [inCluster(object('a'))] })).toEqual(nothing);
  });

  it('applies objects that are missing, or that differ in spec or labels', () => {
    const changed = object('changed');
    const unlabelled = inCluster({
      ...object('unlabelled'),
      metadata: { ...object('unlabelled').metadata, labels: {} },
    });
    const desired = [object('missing'), changed, object('unlabelled')];
    const observed = [inCluster(object('changed', { a: 2 })), unlabelled];
    expect(planned({ desired, observed })).toEqual({ ...nothing, apply: ['missing', 'changed', 'unlabelled'] });
  });

  it('applies again if somebody added a field to the spec', () => {
    expect(planned({ desired: [object('a')], observed: [inCluster(object('a', { a: 1, b: 2 }))] }).apply).toEqual([
      'a',
    ]);
  });

  it('ignores labels that others added, and the order of keys', () => {
    const more = object('a', { b: 2, a: 1 });
    const labelled = { ...more, metadata: { ...more.metadata, labels: { l: '1', theirs: '2' } } };
    expect(planned({ desired: [object('a', { a: 1, b: 2 })], observed: [inCluster(labelled)] })).toEqual(nothing);
  });

  it('deletes our objects that are no longer wanted, and never objects of others', () => {
    const observed = [inCluster(object('old')), inCluster(object('theirs'), 'uid-theirs')];
    expect(planned({ observed })).toEqual({ ...nothing, delete: ['old'] });
  });

  it('does not overwrite an object of another owner', () => {
    const desired = [object('a')];
    expect(planned({ desired, observed: [inCluster(object('a', { a: 2 }), 'uid-theirs')] })).toEqual({
      ...nothing,
      foreign: ['a'],
    });
  });

  it('accepts defaults that the API server added to our last apply, until somebody changes the object', () => {
    const desired = [object('a')];
    const defaulted = inCluster(object('a', { a: 1, defaulted: true }));
    const settled = new Map([
      ['ServiceMonitor/a', { applied: contentFingerprint(object('a')), observed: defaulted.content }],
    ]);
    expect(planned({ desired, observed: [defaulted], settled })).toEqual(nothing);
    const drifted = planned({ desired, observed: [inCluster(object('a', { a: 1, defaulted: false }))], settled });
    expect(drifted).toEqual({ ...nothing, apply: ['a'], drift: ['a'] });
    expect(planned({ desired: [object('a', { a: 3 })], observed: [defaulted], settled })).toEqual({
      ...nothing,
      apply: ['a'],
    });
  });
});

describe('plan, of an object with fields of other field managers', () => {
  const additions = [{ path: 'spec.extra', kind: 'added', manager: 'kubectl' }] as const;
  const desired = [object('a')];
  const added = inCluster(object('a', { a: 1, extra: 1 }));
  const settled = new Map([
    ['ServiceMonitor/a', { applied: contentFingerprint(object('a')), observed: added.content, additions }],
  ]);

  it('leaves known additions under the policy report, and applies to remove them under the policy remove', () => {
    expect(planned({ desired, observed: [added], settled, foreignFields: 'report' })).toEqual(nothing);
    expect(planned({ desired, observed: [added], settled, foreignFields: 'remove' }).apply).toEqual(['a']);
    expect(planned({ desired, observed: [added], settled }).apply).toEqual(['a']);
  });

  it('applies if the object has parts besides spec and data, or other owners', () => {
    const binary = inCluster({ ...object('a'), binaryData: { b: 'AAAA' } } as KubeObject);
    expect(planned({ desired, observed: [binary] }).apply).toEqual(['a']);
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'uid-x' };
    const [mine] = [{ apiVersion: 'trading-platform.dev/v1alpha1', kind: 'TradingPipeline', name: 'x', uid: OURS }];
    const metadata = { ...object('a').metadata, ownerReferences: [owner, mine!] };
    const shared = observeObject({ ...object('a'), metadata });
    expect(planned({ desired, observed: [shared] }).apply).toEqual(['a']);
  });

  it('takes an object without its owner for ours only if we applied it, and never deletes it', () => {
    const fieldsV1 = { 'f:spec': { 'f:a': {} } };
    const managedFields = [{ manager: FIELD_MANAGER, operation: 'Apply', fieldsV1 }];
    const stray = observeObject({ ...object('a'), metadata: { ...object('a').metadata, managedFields } });
    expect(planned({ desired, observed: [stray] })).toEqual({ ...nothing, apply: ['a'] });
    expect(planned({ observed: [stray] })).toEqual(nothing);
    expect(planned({ desired, observed: [observeObject(object('a'))] })).toEqual({ ...nothing, foreign: ['a'] });
  });
});

describe('plan, with labels from the resource', () => {
  const ours = (labels: object) => [
    { manager: FIELD_MANAGER, operation: 'Apply', fieldsV1: { 'f:metadata': { 'f:labels': labels } } },
  ];
  const labelled = (managedFields: unknown[]) => {
    const one = object('a');
    return inCluster({ ...one, metadata: { ...one.metadata, labels: { l: '1', release: 'x' }, managedFields } });
  };

  it('applies to remove a label that the resource no longer sets, but not one that somebody else set', () => {
    const desired = [object('a')];
    expect(planned({ desired, observed: [labelled(ours({ 'f:l': {}, 'f:release': {} }))] }).apply).toEqual(['a']);
    expect(planned({ desired, observed: [labelled(ours({ 'f:l': {} }))] })).toEqual(nothing);
    const theirs = [{ ...ours({ 'f:l': {}, 'f:release': {} })[0], manager: 'kubectl' }];
    expect(planned({ desired, observed: [labelled(theirs)] })).toEqual(nothing);
  });
});

describe('plan, of a seeded dashboard', () => {
  const SEEDED = 'trading-platform.dev/seeded';
  const dashboard = (json: string, seeded = json): KubeObject => ({
    ...{ apiVersion: 'v1', kind: 'ConfigMap', data: { 'd.json': json } },
    metadata: { name: 'd', namespace: 'desk', labels: { l: '1' }, annotations: { [SEEDED]: seeded } },
  });
  const inClusterAs = (one: KubeObject, dataOf: string) => {
    const fieldsV1 = { 'f:data': { 'f:d.json': {} } };
    const managedFields = [{ manager: dataOf, operation: dataOf === FIELD_MANAGER ? 'Apply' : 'Update', fieldsV1 }];
    return inCluster({ ...one, metadata: { ...one.metadata, managedFields } });
  };
  const edited = inClusterAs(dashboard('edited', 'v1'), 'kubectl-edit');
  const applied = (desired: KubeObject, observed: ObservedObject) =>
    plan({ ownerUid: OURS, desired: [desired], observed: [observed], settled: new Map() }).apply.map(
      (one) => one.object,
    );

  it('keeps an edit, and marks it outdated if the compiled dashboard has changed since', () => {
    expect(planned({ desired: [dashboard('v1')], observed: [edited] })).toEqual({ ...nothing, kept: ['d'] });
    const later = planned({ desired: [dashboard('v2')], observed: [edited] });
    expect(later).toEqual({ ...nothing, kept: ['d outdated'] });
  });

  it('updates an unedited dashboard, with its known resourceVersion', () => {
    const [object] = applied(dashboard('v2'), inClusterAs(dashboard('v1'), FIELD_MANAGER));
    expect(object).toMatchObject({ data: { 'd.json': 'v2' }, metadata: { resourceVersion: '1' } });
  });

  it('applies labels without data to an edited dashboard', () => {
    const bare = { ...edited, labels: {} };
    const [object] = applied(dashboard('v2'), bare);
    expect(object).not.toHaveProperty('data');
    expect(object?.metadata).toMatchObject({ labels: { l: '1' }, annotations: { [SEEDED]: 'v1' } });
  });

  it('applies again if the edit was undone, to own the data again', () => {
    expect(applied(dashboard('v1'), inClusterAs(dashboard('v1'), 'kubectl-edit'))).toHaveLength(1);
  });

  it('keeps an edit made before the policy became seed, and no edit under the policy enforce', () => {
    const unseeded = { ...edited, annotations: {} };
    expect(planned({ desired: [dashboard('v1')], observed: [unseeded] })).toMatchObject({ apply: ['d'], kept: ['d'] });
    const enforced = dashboard('v1');
    delete enforced.metadata.annotations;
    expect(planned({ desired: [enforced], observed: [edited] })).toMatchObject({ apply: ['d'], kept: [] });
  });
});
