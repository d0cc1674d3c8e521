import { describe, expect, it } from 'vitest';
import type { RawAnswers } from '../reconcile/monitoring/prometheus-view.ts';
import { PrometheusPoll } from './prometheus-poll.ts';

const nothing: RawAnswers = {
  targets: [],
  groups: [],
  alerts: [],
  objectives: [],
};

/** What is known after each of these questions, answered or not. */
async function viewsAfter(answers: readonly boolean[]): Promise<string[]> {
  const views: string[] = [];
  const left = [...answers];
  await new Promise<void>((resolve) => {
    const poll = new PrometheusPoll({
      read: async () => {
        if (left.shift()) return nothing;
        throw new Error('refused');
      },
      everyMs: 1,
      onAsked: ({ state }) => {
        views.push(state);
        if (left.length === 0) resolve(poll.stop());
      },
    });
    poll.start();
  });
  return views;
}

describe('PrometheusPoll', () => {
  it('keeps an answer through one failure, and forgets it at the second', async () => {
    expect(await viewsAfter([true, false, true, false, false, true])).toEqual([
      ...['answered', 'answered', 'answered', 'answered'],
      ...['unreachable', 'answered'],
    ]);
  });

  it('knows nothing before the first answer', async () => {
    expect(await viewsAfter([false])).toEqual(['unreachable']);
  });
});
