/**
 * How long `make up` waits for one thing to be ready. A busy laptop takes its time, and what has died is noticed at once:
 * this is only for what hangs.
 */
export const READY_WITHIN_MS = 180_000;
