import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createLogger } from '#kit/log.ts';
import { repeat } from './repeat.ts';

const log = createLogger('test', 'silent');

describe('repeat', () => {
  it('does the work one after the other, also after a failure, until it is stopped', async () => {
    let [calls, running, mostAtOnce] = [0, 0, 0];
    const third = Promise.withResolvers<void>();
    const repetition = repeat('count', 1, log, async () => {
      calls += 1;
      running += 1;
      mostAtOnce = Math.max(mostAtOnce, running);
      await sleep(2);
      running -= 1;
      if (calls === 1) throw new Error('away');
      if (calls === 3) third.resolve();
    });
    await third.promise;
    await repetition.stop();
    const after = calls;
    await sleep(10);
    expect([calls, mostAtOnce]).toEqual([after, 1]);
  });

  it('waits for work that hangs no longer than the grace', async () => {
    const repetition = repeat('hang', 1, log, () => new Promise(() => undefined));
    const began = performance.now();
    await repetition.stop(20);
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});
