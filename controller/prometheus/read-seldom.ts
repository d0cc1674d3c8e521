export interface SeldomOptions<T> {
  readonly read: (signal?: AbortSignal) => Promise<T>;
  /** Cheap to ask; another one means that it must be read at once. Undefined when nobody knows. */
  readonly version: (signal?: AbortSignal) => Promise<string | undefined>;
  /** Milliseconds. */
  readonly now: () => number;
}

/** Reading takes at most this share of the time of whoever is read. */
const SHARE = 0.02;
/** Whatever it takes: what has gone wrong meanwhile is known no later. */
const LONGEST_MS = 120_000;

/**
 * What is large is read again when it has another version, and otherwise after a pause that grows with what the reading cost:
 * 100 ms for the rules of a few resources are read with every question, 1 s for those of a thousand every 50 s.
 */
export function readSeldom<T>({ read, version, now }: SeldomOptions<T>): (signal?: AbortSignal) => Promise<T> {
  let known: { readonly value: T; readonly version: string | undefined; readonly again: number } | undefined;
  return async (signal) => {
    const current = await version(signal);
    if (known && known.version === current && now() < known.again) return known.value;
    const startedAt = now();
    const value = await read(signal);
    const pause = Math.min((now() - startedAt) / SHARE, LONGEST_MS);
    known = { value, version: current, again: now() + pause };
    return value;
  };
}
