/**
 * Returns the known name that the mistyped `name` probably means. This is the name with the smallest edit distance,
 * ignoring case, if at most a third of the letters (or one letter) differ; else the first known name that starts with
 * `<name>_`. Returns undefined if there is no such name. Pure.
 */
export function findNearest(name: string, known: Iterable<string>): string | undefined {
  const farthest = Math.max(1, Math.floor(name.length / 3));
  const names = [...known];
  let nearest: { readonly one: string; readonly distance: number } | undefined;
  for (const one of names) {
    const distance = editDistance(name.toLowerCase(), one.toLowerCase());
    if (distance <= farthest && distance < (nearest?.distance ?? Number.POSITIVE_INFINITY)) nearest = { one, distance };
  }
  return nearest?.one ?? names.find((one) => one.startsWith(`${name}_`));
}

/**
 * Returns the edit distance of `a` and `b` (optimal string alignment): the minimum number of letters to insert, to
 * delete, to replace or to swap with a neighbour.
 */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwapped ? (before[j - 2] ?? 0) + 1 : replaced;
      next.push(Math.min(replaced, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    [before, row] = [row, next];
  }
  return row[b.length] ?? 0;
}
