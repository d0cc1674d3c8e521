import { describe, expect, it } from 'vitest';
import type { RawAnswers } from '../reconcile/monitoring/prometheus-view.ts';
import { PrometheusPoll } from './prometheus-poll.ts';

const nothing: RawAnswers = {
  targets: [],
  groups: [],
  alerts: [],
  objectives: [],
};

/** Returns the state of the view after each poll. `answers` contains true for each poll that succeeds. */
async function viewsAfter(answers: readonly boolean[]): Promise<string[]> {
  const views: string[] = [];
  const left = [...answers];
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  await new Promise<void>((resolve) => {
    const poll = new PrometheusPoll({
      read: async () => {
        if (left.shift()) return nothing;
        throw new Error('refused');
      },
      everyMs: 1,
      log,
      onAsked: () => {
        views.push(poll.view.state);
        if (left.length === 0) resolve(poll.stop());
      },
    });
    poll.start();
  });
  return views;
}

describe('PrometheusPoll', () => {
  it('keeps the last response after one failed poll, and drops it after the second in a row', async () => {
    expect(await viewsAfter([true, false, true, false, false, true])).toEqual([
      ...['answered', 'answered', 'answered', 'answered'],
      ...['unreachable', 'answered'],
    ]);
  });

  it('is unreachable if the first poll fails', async () => {
    expect(await viewsAfter([false])).toEqual(['unreachable']);
  });
});
