import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../api/kube-object.ts';
import { compareVersions, ObjectStore, type StoreChange } from './object-store.ts';

function object(name: string, resourceVersion: string, group = 'g', uid = `uid-${name}`, namespace = 'n'): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace, name, uid, resourceVersion, labels: { group } },
  };
}

function storeOf() {
  const changes: string[] = [];
  const say = ({ key, before, after }: StoreChange<KubeObject>) => {
    changes.push(`${key} ${before?.metadata.resourceVersion ?? '-'}→${after?.metadata.resourceVersion ?? '-'}`);
  };
  const store = new ObjectStore<KubeObject>({
    keep: (one) => one,
    indexes: (one) => [one.metadata.labels?.group ?? ''],
    onChange: say,
  });
  return { store, changes };
}

describe('ObjectStore', () => {
  it('stores only newer versions of the same object', () => {
    const { store, changes } = storeOf();
    store.put(object('a', '9'));
    store.put(object('a', '9'));
    store.put(object('a', '8'));
    store.put(object('a', '10'));
    expect(changes).toEqual(['n/a -→9', 'n/a 9→10']);
  });

  it('stores another object of the same name whatever its version, and keeps it when the old one is removed', () => {
    const { store } = storeOf();
    store.put(object('a', '9'));
    store.put(object('a', '3', 'g', 'uid-new'));
    store.remove('n/a', 'uid-a');
    expect(store.get('n/a')?.metadata.uid).toBe('uid-new');
  });

  it('finds objects by the index of their current version', () => {
    const { store } = storeOf();
    store.put(object('a', '1'));
    store.put(object('b', '1'));
    store.put(object('b', '2', 'h'));
    store.remove('n/a', undefined);
    expect([store.byIndex('g'), store.byIndex('h').length]).toEqual([[], 1]);
  });

  it('replaces the objects of one namespace with a list, and removes objects that are not in the list', () => {
    const { store, changes } = storeOf();
    for (const name of ['a', 'b']) store.put(object(name, '1'));
    store.put(object('x', '1', 'g', 'uid-x', 'other'));
    changes.length = 0;
    store.replace([object('b', '1'), object('c', '1')], 'n');
    expect(changes).toEqual(['n/a 1→-', 'n/c -→1']);
    expect(store.get('other/x')).toBeDefined();
  });

  it('takes older versions from a list, as after a restore of etcd', () => {
    const { store } = storeOf();
    store.put(object('a', '900'));
    store.replace([object('a', '7')], undefined);
    expect(store.get('n/a')?.metadata.resourceVersion).toBe('7');
  });
});

describe('compareVersions', () => {
  it('compares numbers that are too large for a double', () => {
    expect(compareVersions('9007199254740993', '9007199254740992')).toBeGreaterThan(0);
    expect(compareVersions('9', '10')).toBeLessThan(0);
    expect(compareVersions('10', '10')).toBe(0);
  });
});
