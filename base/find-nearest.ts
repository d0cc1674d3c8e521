/**
 * Returns the known name that the mistyped `name` probably means. This is the name with the smallest edit distance,
 * ignoring case, if at most a third of the letters (or one letter) differ; else the first known name that starts with
 * `<name>_`. Returns undefined if there is no such name. Pure.
 *
 * The time grows with the length of `name` only as far as a known name could be similar: users choose the names.
 */
export function findNearest(name: string, known: Iterable<string>): string | undefined {
  const lower = name.toLowerCase();
  let limit = Math.max(1, Math.floor(name.length / 3));
  let nearest: string | undefined;
  let continued: string | undefined;
  for (const one of known) {
    if (continued === undefined && one.startsWith(`${name}_`)) continued = one;
    if (limit < 0 || !isWithin(lower, one.toLowerCase(), limit)) continue;
    nearest = one;
    // Only a name that is nearer than this one can replace it.
    limit = editDistance(lower, one.toLowerCase()) - 1;
  }
  return nearest ?? continued;
}

/**
 * Returns whether the edit distance of `a` and `b` is at most `limit`. Computes only the cells of the table that are at
 * most `limit` away from its diagonal, and stops at the first rows that exceed the limit.
 */
export function isWithin(a: string, b: string, limit: number): boolean {
  if (Math.abs(a.length - b.length) > limit) return false;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  let least = 0;
  for (let i = 1; i <= a.length; i++) {
    const next = nextRow({ a, b, i, row, before, limit });
    const leastHere = Math.min(...next.slice(Math.max(0, i - limit), i + limit + 1));
    // A swap of neighbours reaches back two rows, so one row above the limit is not enough.
    if (least > limit && leastHere > limit) return false;
    [before, row, least] = [row, next, leastHere];
  }
  return (row[b.length] ?? 0) <= limit;
}

/**
 * Returns the edit distance of `a` and `b` (optimal string alignment): the minimum number of letters to insert, to
 * delete, to replace or to swap with a neighbour.
 */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = nextRow({ a, b, i, row, before, limit: Math.max(a.length, b.length) });
    [before, row] = [row, next];
  }
  return row[b.length] ?? 0;
}

interface RowInput {
  readonly a: string;
  readonly b: string;
  /** Number of the row to compute, from 1. */
  readonly i: number;
  /** The row above, and the row above that one. */
  readonly row: readonly number[];
  readonly before: readonly number[];
  readonly limit: number;
}

function nextRow({ a, b, i, row, before, limit }: RowInput): number[] {
  const next: number[] = new Array(b.length + 1).fill(limit + 1);
  next[0] = i;
  for (let j = Math.max(1, i - limit); j <= Math.min(b.length, i + limit); j++) {
    const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
    const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
    const swapped = isSwapped ? (before[j - 2] ?? 0) + 1 : replaced;
    next[j] = Math.min(replaced, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1);
  }
  return next;
}
