import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../api/kube-object.ts';
import { type ObservedObject, observeObject } from '../reconcile/observed.ts';
import { EchoFilter } from './echo-filter.ts';

const rule = (resourceVersion: string, name = 'a'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'PrometheusRule',
  metadata: { namespace: 'desk', name, resourceVersion },
});
const changeTo = (object: KubeObject) => ({
  of: 'object' as const,
  key: `desk/${object.metadata.name}`,
  after: observeObject(object),
});

/** A filter whose caches report each put and remove, as the real caches do. */
function filterOf() {
  const passed: string[] = [];
  const filter: EchoFilter = new EchoFilter({
    caches: {
      put: (object) => filter.take(changeTo(object)),
      remove: (before: ObservedObject) => filter.take({ of: 'object', key: `desk/${before.name}`, before }),
    },
    onForeignChange: ({ after, key }) => passed.push(`${key} ${after?.resourceVersion ?? 'gone'}`),
  });
  return { filter, passed };
}

describe('EchoFilter', () => {
  it('passes a foreign change on at once', () => {
    const { filter, passed } = filterOf();
    filter.take(changeTo(rule('1')));
    expect(passed).toEqual(['desk/a 1']);
  });

  it('drops our own puts and removals', () => {
    const { filter, passed } = filterOf();
    filter.put(rule('1'));
    filter.remove(observeObject(rule('1')));
    expect(passed).toEqual([]);
  });

  it('holds events about an object until its write is answered, then drops the echo and passes the other events on', () => {
    const { filter, passed } = filterOf();
    const end = filter.beginWrite(rule(''));
    for (const version of ['1', '2', '3']) filter.take(changeTo(rule(version)));
    filter.take(changeTo(rule('9', 'b')));
    expect(passed).toEqual(['desk/b 9']);
    end(rule('2'));
    expect(passed).toEqual(['desk/b 9', 'desk/a 1', 'desk/a 3']);
    filter.take(changeTo(rule('4')));
    expect(passed).toContain('desk/a 4');
  });

  it('passes held events on if the write fails', () => {
    const { filter, passed } = filterOf();
    const end = filter.beginWrite(rule(''));
    filter.take(changeTo(rule('1')));
    end();
    expect(passed).toEqual(['desk/a 1']);
  });
});
