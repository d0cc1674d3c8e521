import { setTimeout as sleep } from 'node:timers/promises';
import type { ReadinessCheck } from './ops-server.ts';

/** Longest time that a check waits. The probe of the chart waits for four seconds. */
const CHECK_MS = 1_000;
const SILENT = Symbol('silent');

/**
 * Returns a readiness check that asks a server, with a time limit. At most one question is under way, so that the probes
 * of a server that does not answer do not use up its connections.
 * @param ask returns why the server cannot be used, or undefined
 * @param onSilence called with the time for which the question under way has had no answer, in milliseconds
 */
export function createBoundedCheck(
  ask: () => Promise<string | undefined>,
  onSilence: (ms: number) => void = () => undefined,
): ReadinessCheck {
  let pending: { readonly answer: Promise<string | undefined>; readonly since: number } | undefined;

  const start = () => {
    const answer = ask().finally(() => {
      pending = undefined;
    });
    pending = { answer, since: performance.now() };
    return pending;
  };

  return async () => {
    const { answer, since } = pending ?? start();
    const result = await Promise.race([answer, sleep(CHECK_MS, SILENT, { ref: false })]);
    if (result !== SILENT) return result;
    onSilence(performance.now() - since);
    answer.catch(() => undefined);
    return `no answer within ${CHECK_MS} ms`;
  };
}
