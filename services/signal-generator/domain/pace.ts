/** When the bars of a replay are due: the first at its start, then at a constant rate. Times in milliseconds. */
export interface Pace {
  /** How many rounds (a bar of every symbol each) were due by a time. */
  dueBy(now: number): number;
  /** When a round, counted from 0, is due. */
  dueAt(round: number): number;
}

export function createPace(startMs: number, barsPerSecond: number): Pace {
  const intervalMs = 1_000 / barsPerSecond;
  return {
    dueBy: (now) => (now < startMs ? 0 : Math.floor((now - startMs) / intervalMs) + 1),
    dueAt: (round) => startMs + round * intervalMs,
  };
}
