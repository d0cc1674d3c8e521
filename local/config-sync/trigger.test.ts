import { describe, expect, it } from 'vitest';
import { createTrigger } from './trigger.ts';

describe('createTrigger', () => {
  const never = new AbortController().signal;
  const waited = async (wait: Promise<void>) => {
    const started = performance.now();
    await wait;
    return performance.now() - started;
  };

  it('returns from the first wait at once, and from the next after a ring', async () => {
    const trigger = createTrigger();
    expect(await waited(trigger.wait(5_000, never))).toBeLessThan(1_000);
    setTimeout(trigger.ring, 30);
    const time = await waited(trigger.wait(5_000, never));
    expect(time).toBeGreaterThan(20);
    expect(time).toBeLessThan(1_000);
  });

  it('keeps a ring that comes between two waits', async () => {
    const trigger = createTrigger();
    await trigger.wait(5_000, never);
    trigger.ring();
    expect(await waited(trigger.wait(5_000, never))).toBeLessThan(1_000);
  });

  it('returns after the timeout, and on abort', async () => {
    const trigger = createTrigger();
    await trigger.wait(0, never);
    expect(await waited(trigger.wait(30, never))).toBeGreaterThan(20);
    expect(await waited(trigger.wait(5_000, AbortSignal.timeout(30)))).toBeLessThan(1_000);
  });
});
