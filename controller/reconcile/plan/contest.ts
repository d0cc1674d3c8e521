/**
 * Bounds a fight with another field manager over one object. The first repairs are made at once. After them, the controller
 * waits before each repair, twice as long each time. Pure: the time is passed in.
 */

/** The repairs of one object that followed each other closely. */
export interface Contest {
  readonly repairs: number;
  readonly lastAtMs: number;
}

/** Repairs without a pause. A user who edits by hand rarely gets there. */
export const FREE_REPAIRS = 5;
const FIRST_PAUSE_MS = 1_000;
export const LONGEST_PAUSE_MS = 5 * 60_000;
/** After this time without a repair, the next one is made at once again. Longer than the longest pause. */
const FORGET_MS = 15 * 60_000;

export function countRepair(contest: Contest | undefined, nowMs: number): Contest {
  return { repairs: (isOver(contest, nowMs) ? 0 : (contest?.repairs ?? 0)) + 1, lastAtMs: nowMs };
}

/** Returns how long the controller waits before it repairs the object again; 0 if it need not wait. */
export function pauseLeftMs(contest: Contest | undefined, nowMs: number): number {
  if (!contest || contest.repairs < FREE_REPAIRS || isOver(contest, nowMs)) return 0;
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** (contest.repairs - FREE_REPAIRS), LONGEST_PAUSE_MS);
  return Math.max(0, contest.lastAtMs + pause - nowMs);
}

function isOver(contest: Contest | undefined, nowMs: number): boolean {
  return contest !== undefined && nowMs - contest.lastAtMs > FORGET_MS;
}
