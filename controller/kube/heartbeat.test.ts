import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { startHeartbeat } from './heartbeat.ts';
import { KubeError } from './kube-error.ts';

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
type Answer = 'ok' | 'refused' | 'silence';

/**
 * Returns how often `onBack` is called while the server responds to the requests in turn with `answers`. A request
 * without a response (`silence`) takes 20 ms.
 */
async function backsAfter(answers: readonly Answer[], silenceMs: number): Promise<number> {
  let backs = 0;
  let fresh = true;
  const left = [...answers];
  const failure = (code: number) => new KubeError({ message: '', code, reason: '' });
  await new Promise<void>((resolve) => {
    const heartbeat = startHeartbeat({
      client: {
        getText: async () => {
          const answer = left.shift();
          if (answer === undefined) void heartbeat.stop().then(resolve);
          if (answer === 'silence') await sleep(20);
          expect(fresh).toBe(true);
          fresh = answer !== 'silence';
          if (answer === 'silence') throw failure(0);
          if (answer === 'refused') throw failure(403);
          return 'ok';
        },
        reconnect: () => {
          fresh = true;
        },
      },
      log,
      onBack: () => {
        backs++;
      },
      timing: { everyMs: 1, retryMs: 1, silenceMs },
    });
  });
  return backs;
}

describe('startHeartbeat', () => {
  it('calls onBack once when the server is back, and reconnects after each request without a response', async () => {
    expect(await backsAfter(['ok', 'silence', 'silence', 'silence', 'ok', 'ok', 'ok'], 40)).toBe(1);
    expect(await backsAfter(['silence', 'silence', 'silence', 'ok', 'silence', 'silence', 'silence', 'ok'], 40)).toBe(
      2,
    );
  });

  it('counts an error response as a response', async () => {
    expect(await backsAfter(['refused', 'ok', 'refused'], 0)).toBe(0);
    expect(await backsAfter(['silence', 'silence', 'silence', 'refused'], 40)).toBe(1);
  });

  it('ignores a short silence', async () => {
    expect(await backsAfter(['ok', 'silence', 'ok', 'silence', 'ok'], 10_000)).toBe(0);
  });
});
