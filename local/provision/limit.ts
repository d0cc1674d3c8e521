/** Lets at most `max` pieces of work run at once; the rest waits in order. */
export type Limit = <T>(work: () => Promise<T>) => Promise<T>;

export function buildLimit(max: number): Limit {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= max) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
