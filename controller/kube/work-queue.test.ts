import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { priorities } from '../reconcile/route-changes.ts';
import { WorkQueue, type WorkQueueOptions } from './work-queue.ts';

const { user, change, resync } = priorities;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A queue whose handler returns or throws when the test calls `finish` or `fail`. */
function queueByHand(options: Partial<WorkQueueOptions> = {}) {
  const running: {
    key: string;
    finish: (result: 'done' | 'retry' | { againInMs: number }) => void;
    fail: (error: Error) => void;
  }[] = [];
  const started: string[] = [];
  const queue = new WorkQueue({
    workers: 1,
    backoff: { baseMs: 100, maxMs: 400 },
    random: () => 1,
    handle: (key) =>
      new Promise((resolve, reject) => {
        started.push(key);
        running.push({ key, finish: resolve, fail: reject });
      }),
    ...options,
  });
  const finish = async (result: 'done' | 'retry' | { againInMs: number } = 'done') => {
    running.shift()?.finish(result);
    await vi.advanceTimersByTimeAsync(0);
  };
  const fail = async () => {
    running.shift()?.fail(new Error('no'));
    await vi.advanceTimersByTimeAsync(0);
  };
  return { queue, started, running, finish, fail };
}

describe('WorkQueue', () => {
  it('does nothing before it is started', () => {
    const { queue, started } = queueByHand();
    queue.add('a', user);
    expect([started, queue.depth]).toEqual([[], 1]);
    queue.start();
    expect([started, queue.depth]).toEqual([['a'], 0]);
  });

  it('handles each key once, in the order of the priorities user, change, resync', async () => {
    const { queue, started, finish } = queueByHand();
    for (const key of ['r1', 'r2', 'c', 'u']) queue.add(key, resync);
    queue.add('c', change);
    queue.add('u', user);
    queue.add('u', resync);
    queue.start();
    for (let i = 0; i < 5; i++) await finish();
    expect(started).toEqual(['u', 'c', 'r1', 'r2']);
  });

  it('never handles a key twice at once, and handles it again if it was added meanwhile', async () => {
    const { queue, started, running, finish } = queueByHand({ workers: 4 });
    queue.start();
    queue.add('a', user);
    queue.add('a', user);
    queue.add('a', resync);
    expect([started, running.length]).toEqual([['a'], 1]);
    await finish();
    expect(started).toEqual(['a', 'a']);
    await finish();
    expect(started).toEqual(['a', 'a']);
  });

  it('requeues a failed key after a growing backoff, and handles other keys meanwhile', async () => {
    const { queue, started, fail, finish } = queueByHand();
    queue.start();
    queue.add('bad', user);
    for (const delay of [100, 200, 400, 400]) {
      await fail();
      queue.add('good', resync);
      await finish();
      await vi.advanceTimersByTimeAsync(delay - 1);
      expect(started.at(-1)).toBe('good');
      await vi.advanceTimersByTimeAsync(1);
      expect(started.at(-1)).toBe('bad');
    }
    await finish();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(started.filter((key) => key === 'bad')).toHaveLength(5);
  });

  it('ends the backoff when the user changes the key, and starts the backoff anew after a success', async () => {
    const { queue, started, fail, finish } = queueByHand();
    queue.start();
    queue.add('a', user);
    await fail();
    queue.add('a', user);
    expect(started).toEqual(['a', 'a']);
    await finish();
    queue.add('a', user);
    await finish('retry');
    await vi.advanceTimersByTimeAsync(100);
    expect(started).toHaveLength(4);
  });

  it('waits for the running key when it is stopped, and starts no other', async () => {
    const { queue, started, running } = queueByHand();
    queue.start();
    queue.add('a', user);
    queue.add('b', user);
    let stopped = false;
    const stopping = queue.stop().then(() => {
      stopped = true;
    });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(stopped).toBe(false);
    running[0]?.finish('done');
    await stopping;
    expect(started).toEqual(['a']);
  });

  it('handles a key again after the time that its handler asks for, which is neither a failure nor a retry', async () => {
    const seen: string[] = [];
    const observer = {
      waited: () => {},
      worked: (result: string) => void seen.push(result),
      retried: () => void seen.push('retried'),
      failed: () => void seen.push('failed'),
    };
    const { queue, started, finish } = queueByHand({ observer });
    queue.start();
    queue.add('a', user);
    await finish({ againInMs: 3_000 });
    await vi.advanceTimersByTimeAsync(2_999);
    expect(started).toEqual(['a']);
    await vi.advanceTimersByTimeAsync(1);
    expect(started).toEqual(['a', 'a']);
    expect(seen).toEqual(['success']);
  });
});
