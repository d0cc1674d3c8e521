import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../api/kube-object.ts';
import type { ConditionEvent } from '../reconcile/status/verdict.ts';
import { EventRecorder } from './event-recorder.ts';

const resource = (name: string): KubeObject => ({
  apiVersion: 'trading-platform.dev/v1alpha1',
  kind: 'TradingPipeline',
  metadata: { namespace: 'desk', name, uid: `uid-${name}` },
});
const event = (about: string, reason: string): ConditionEvent => ({ about, type: 'Normal', reason, note: '' });

/** Returns a recorder whose writes to the API server complete only when the test calls `answerAll`. */
function recorderOf() {
  const written: string[] = [];
  let answer = () => {};
  const apply = async <T extends KubeObject>(_resource: unknown, object: T): Promise<T> => {
    const { reason, series } = object as unknown as { reason: string; series?: { count: number } };
    written.push(series ? `${reason} ×${series.count}` : reason);
    await new Promise<void>((resolve) => {
      answer = resolve;
    });
    return object;
  };
  const silent = () => {};
  const log = { debug: silent, info: silent, warn: silent, error: silent };
  const recorder = new EventRecorder({ client: { apply }, instance: 'one', now: () => new Date(0), log });
  const answerAll = async () => {
    for (let turn = 0; turn < 20; turn++) {
      answer();
      await nextTurn();
    }
  };
  return { recorder, written, answerAll };
}

describe('EventRecorder', () => {
  it('writes Events one after the other, in order', async () => {
    const { recorder, written, answerAll } = recorderOf();
    recorder.record(resource('a'), [event('Ready', 'One'), event('TargetsUp', 'Two')]);
    recorder.record(resource('b'), [event('Ready', 'Three')]);
    expect(written).toEqual(['One']);
    await answerAll();
    expect(written).toEqual(['One', 'Two', 'Three']);
    recorder.record(resource('b'), [event('Ready', 'Four')]);
    await answerAll();
    expect(written).toEqual(['One', 'Two', 'Three', 'Four']);
  });

  it('drops an Event that a newer one of the same condition replaces while it waits', async () => {
    const { recorder, written, answerAll } = recorderOf();
    recorder.record(resource('a'), [event('Ready', 'First')]);
    recorder.record(resource('b'), [event('Ready', 'ServiceNotFound'), event('TargetsUp', 'TargetsMissing')]);
    recorder.record(resource('b'), [event('Ready', 'Reconciled')]);
    await answerAll();
    expect(written).toEqual(['First', 'TargetsMissing', 'Reconciled']);
  });

  it('counts repetitions on the first Event', async () => {
    const { recorder, written, answerAll } = recorderOf();
    for (let time = 0; time < 3; time++) {
      recorder.record(resource('a'), [event('Ready', 'Reconciled')]);
      await answerAll();
    }
    expect(written).toEqual(['Reconciled', 'Reconciled ×2', 'Reconciled ×3']);
  });

  it('drops the waiting Events when it is stopped', async () => {
    const { recorder, written, answerAll } = recorderOf();
    recorder.record(resource('a'), [event('Ready', 'One'), event('TargetsUp', 'Two')]);
    const stopped = recorder.stop();
    await answerAll();
    await stopped;
    expect(written).toEqual(['One']);
  });

  it('writes an Event of its own for each note of a separate Event, and counts the same note', async () => {
    const { recorder, written, answerAll } = recorderOf();
    for (const note of ['one', 'two', 'one']) {
      recorder.record(resource('a'), [{ ...event('ForeignFields', 'FieldsAdded'), note, isSeparate: true }]);
      await answerAll();
    }
    expect(written).toEqual(['FieldsAdded', 'FieldsAdded', 'FieldsAdded ×2']);
  });
});
