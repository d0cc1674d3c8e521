import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anySpec, seed, shuffled } from '../../../test/support/any-spec.ts';
import { specOf } from '../../../test/support/spec-of.ts';
import type { KubeObject } from '../../api/kube-object.ts';
import { FIELD_MANAGER } from '../../api/names.ts';
import { compile } from '../../compile/compile.ts';
import { observeObject } from '../observed.ts';
import { plan } from './plan.ts';

const owner = { namespace: 'desk', name: 'tp', uid: 'uid-1' };

function objectsOf(raw: unknown): readonly KubeObject[] {
  return compile({ owner, spec: specOf(raw) }).objects;
}

function owned(fields: object = {}): object {
  return Object.fromEntries(Object.keys(fields).map((name) => [`f:${name}`, {}]));
}

/** Returns the object as in the API server's response to our apply: parsed from JSON, with managedFields. */
function applied(object: KubeObject): KubeObject {
  const { labels, annotations } = object.metadata;
  const fieldsV1 = {
    'f:metadata': { 'f:labels': owned(labels), 'f:annotations': owned(annotations) },
    'f:data': owned(object.data),
  };
  const managedFields = [{ manager: FIELD_MANAGER, operation: 'Apply', fieldsV1 }];
  const { name } = object.metadata;
  const metadata = { ...object.metadata, uid: `uid-${object.kind}-${name}`, resourceVersion: '1', managedFields };
  return JSON.parse(JSON.stringify({ ...object, metadata }));
}

describe('plan, of any spec', { timeout: 120_000 }, () => {
  it('plans nothing after an apply, for any order of keys', () => {
    let compared = 0;
    const numbers = fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true }));
    const property = fc.property(anySpec, numbers, (raw, order) => {
      const desired = objectsOf(raw);
      const inCluster = objectsOf(shuffled(raw, () => order.next().value)).map(applied);
      const observed = inCluster.map((object) =>
        observeObject(shuffled(object, () => order.next().value) as KubeObject),
      );
      const planned = plan({ ownerUid: owner.uid, desired, observed, settled: new Map() });
      expect(planned).toEqual({ apply: [], delete: [], foreign: [], kept: [] });
      compared += desired.length;
    });
    fc.assert(property, { numRuns: 1_000, seed });
    expect(compared).toBeGreaterThan(1_000);
  });
});
