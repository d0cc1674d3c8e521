import { setTimeout as sleep } from 'node:timers/promises';
import { backoffDelay } from '#base/retry-delay.ts';
import type { Complete, Completion } from './chat-client.ts';
import { ModelFailure } from './model-failure.ts';

export interface RetryOptions {
  readonly complete: Complete;
  /** For all tries and the pauses between them. */
  readonly timeoutMs: number;
  /** Called for each try that failed. */
  readonly onFailedTry: (failure: ModelFailure) => void;
}

const MAX_TRIES = 3;
const PAUSE = { baseMs: 250, maxMs: 2_000 };

/**
 * Sends a request until it is answered: again after what may pass, as late as the API asks for, and never beyond the time
 * there is.
 * @throws ModelFailure of the last try
 */
export async function completeWithRetries(request: string, options: RetryOptions): Promise<Completion> {
  const { complete, timeoutMs, onFailedTry } = options;
  const deadline = performance.now() + timeoutMs;
  const signal = AbortSignal.timeout(timeoutMs);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await complete(request, signal);
    } catch (error) {
      if (!(error instanceof ModelFailure)) throw error;
      onFailedTry(error);
      const pauseMs = error.retryAfterMs ?? backoffDelay(attempt - 1, PAUSE, Math.random);
      if (!error.mayPass || attempt === MAX_TRIES || performance.now() + pauseMs >= deadline) throw error;
      await sleep(pauseMs);
    }
  }
}
