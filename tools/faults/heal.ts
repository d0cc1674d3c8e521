/** Takes a fault back. */
export type Heal = () => Promise<void>;

/** Does something again and again until it is healed; `work` is told when to end. */
export function keepDoing(work: (ending: AbortSignal) => Promise<void>): Heal {
  const ending = new AbortController();
  const running = (async () => {
    while (!ending.signal.aborted) await work(ending.signal);
  })();
  // who heals hears of it; until then it must not end the process
  running.catch(() => undefined);
  return () => {
    ending.abort();
    return running;
  };
}
