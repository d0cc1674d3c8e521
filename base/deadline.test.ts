import { describe, expect, it } from 'vitest';
import { startDeadline, waitUntil } from './deadline.ts';

describe('startDeadline', () => {
  it('aborts when the time is up, and says so', async () => {
    const deadline = startDeadline(10);
    await waitUntil('the abort', { withinMs: 1_000, everyMs: 5 }, () => deadline.abort.aborted);
    expect(deadline.passed()).toBe(true);
  });

  it('aborts with the caller, and says that time is left', () => {
    const caller = new AbortController();
    const deadline = startDeadline(60_000, caller.signal);
    caller.abort();
    expect([deadline.abort.aborted, deadline.passed()]).toEqual([true, false]);
  });
});

describe('waitUntil', () => {
  it('returns the first value that is neither undefined nor false', async () => {
    const values = [undefined, false, 0] as const;
    let calls = 0;
    expect(await waitUntil('a number', { withinMs: 1_000, everyMs: 1 }, () => values[calls++])).toBe(0);
    expect(calls).toBe(3);
  });

  it('names what did not happen', async () => {
    const waiting = waitUntil('the end', { withinMs: 10, everyMs: 1 }, () => false as const);
    await expect(waiting).rejects.toThrow('not within 10 ms: the end');
  });
});
