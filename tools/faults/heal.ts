/** Reverts a fault. Resolves when the broken component works again. */
export type Heal = () => Promise<void>;

/**
 * Repeats `work` without a pause until the returned function is called. That function aborts `ending`, waits for the
 * iteration in progress, and throws the error that ended the work, if one did.
 */
export function keepDoing(work: (ending: AbortSignal) => Promise<void>): Heal {
  const ending = new AbortController();
  const running = (async () => {
    while (!ending.signal.aborted) await work(ending.signal);
  })();
  // the error is thrown when the fault is healed: until then the error must not end the process as an unhandled
  // rejection
  running.catch(() => undefined);
  return () => {
    ending.abort();
    return running;
  };
}
