import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../api/kube-object.ts';
import { contentFingerprint, type ObservedObject, observeObject } from './observed.ts';
import { type PlanInput, plan } from './plan.ts';

const OURS = 'uid-ours';

function object(name: string, spec: object = { a: 1 }): KubeObject {
  const metadata = { name, namespace: 'desk', labels: { l: '1' }, annotations: { n: '1' } };
  return { apiVersion: 'v1', kind: 'ServiceMonitor', metadata, spec };
}

/** The object as the cluster has it, once applied for an owner. */
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
    drift: result.apply.filter((one) => one.isDrift).map((one) => one.object.metadata.name),
  };
}

const nothing = { apply: [], delete: [], foreign: [], drift: [] };

describe('plan', () => {
  it('does nothing when all is as it should be', () => {
    expect(planned({ desired: [object('a')], observed: [inCluster(object('a'))] })).toEqual(nothing);
  });

  it('applies what is missing and what differs in spec, labels or annotations', () => {
    const changed = object('changed');
    const unlabelled = inCluster({
      ...object('unlabelled'),
      metadata: { ...object('unlabelled').metadata, labels: {} },
    });
    const desired = [object('missing'), changed, object('unlabelled')];
    const observed = [inCluster(object('changed', { a: 2 })), unlabelled];
    expect(planned({ desired, observed })).toEqual({ ...nothing, apply: ['missing', 'changed', 'unlabelled'] });
  });

  it('minds a field that somebody added to what we wrote', () => {
    expect(planned({ desired: [object('a')], observed: [inCluster(object('a', { a: 1, b: 2 }))] }).apply).toEqual([
      'a',
    ]);
  });

  it('does not mind labels that others added, nor the order of keys', () => {
    const more = object('a', { b: 2, a: 1 });
    const labelled = { ...more, metadata: { ...more.metadata, labels: { l: '1', theirs: '2' } } };
    expect(planned({ desired: [object('a', { a: 1, b: 2 })], observed: [inCluster(labelled)] })).toEqual(nothing);
  });

  it('deletes what is ours and no longer wanted, and never what is not ours', () => {
    const observed = [inCluster(object('old')), inCluster(object('theirs'), 'uid-theirs')];
    expect(planned({ observed })).toEqual({ ...nothing, delete: ['old'] });
  });

  it('does not write over an object of another owner', () => {
    const desired = [object('a')];
    expect(planned({ desired, observed: [inCluster(object('a', { a: 2 }), 'uid-theirs')] })).toEqual({
      ...nothing,
      foreign: ['a'],
    });
  });

  it('accepts what the API server made of our last apply, until somebody changes it', () => {
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
