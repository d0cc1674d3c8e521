import { createBackoff } from './backoff.ts';
import type { Log } from './log.ts';

/**
 * Does what needs a server until it works, with backoff: a process waits for a server that is away, it does not end.
 * @param what completes "could not …" in the log
 * @throws the last error once `signal` is aborted
 */
export async function keepTrying<Result>(
  what: string,
  work: () => Promise<Result>,
  { log, signal }: { log: Log; signal: AbortSignal },
): Promise<Result> {
  const backoff = createBackoff(200, 5_000);
  while (true) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted) throw error;
      log.warn({ error, what }, 'could not do what the start needs, trying again');
      await backoff.wait(signal);
      signal.throwIfAborted();
    }
  }
}
