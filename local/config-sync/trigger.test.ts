import { describe, expect, it } from 'vitest';
import { createTrigger } from './trigger.ts';

describe('createTrigger', () => {
  const never = new AbortController().signal;
  const waited = async (wait: Promise<void>) => {
    const started = performance.now();
    await wait;
    return performance.now() - started;
  };

  it('is rung at first, and then waits for a ring', async () => {
    const trigger = createTrigger();
    expect(await waited(trigger.wait(5_000, never))).toBeLessThan(1_000);
    setTimeout(trigger.ring, 30);
    const time = await waited(trigger.wait(5_000, never));
    expect(time).toBeGreaterThan(20);
    expect(time).toBeLessThan(1_000);
  });

  it('loses no ring that comes while nobody waits', async () => {
    const trigger = createTrigger();
    await trigger.wait(5_000, never);
    trigger.ring();
    expect(await waited(trigger.wait(5_000, never))).toBeLessThan(1_000);
  });

  it('ends by time and by the signal', async () => {
    const trigger = createTrigger();
    await trigger.wait(0, never);
    expect(await waited(trigger.wait(30, never))).toBeGreaterThan(20);
    expect(await waited(trigger.wait(5_000, AbortSignal.timeout(30)))).toBeLessThan(1_000);
  });
});
