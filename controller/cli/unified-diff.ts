/** Two texts → a unified diff, as `diff -u` prints it. Pure. By Myers' algorithm, so the diff is a shortest one. */
export interface DiffSide {
  readonly label: string;
  readonly text: string;
}

interface Edit {
  readonly sign: ' ' | '-' | '+';
  readonly line: string;
}

const CONTEXT = 3;
/** Beyond this, texts have so little in common that the shortest way is not worth its memory. */
const MAX_CHANGES = 1_000;

/** Empty for equal texts. */
export function buildUnifiedDiff(before: DiffSide, after: DiffSide): string {
  const edits = buildEdits(splitLines(before.text), splitLines(after.text));
  if (edits.every(({ sign }) => sign === ' ')) return '';
  return `--- ${before.label}\n+++ ${after.label}\n${buildHunks(edits).join('')}`;
}

function splitLines(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

function buildEdits(before: readonly string[], after: readonly string[]): Edit[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  const shorter = Math.min(before.length, after.length) - start;
  while (end < shorter && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  const same = (lines: readonly string[]) => lines.map((line): Edit => ({ sign: ' ', line }));
  return [
    ...same(before.slice(0, start)),
    ...buildShortestEdits(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...same(before.slice(before.length - end)),
  ];
}

/** How far each diagonal reaches with `d` changes, for every d until the end is reached; then the way back. */
function buildShortestEdits(before: readonly string[], after: readonly string[]): Edit[] {
  if (before.length === 0 || after.length === 0) return replaceAll(before, after);
  const trace: Map<number, number>[] = [];
  let reach = new Map<number, number>([[1, 0]]);
  for (let d = 0; d <= MAX_CHANGES; d++) {
    const next = new Map(reach);
    for (let k = -d; k <= d; k += 2) {
      let x = isDown(reach, k, d) ? (reach.get(k + 1) ?? 0) : (reach.get(k - 1) ?? 0) + 1;
      while (x < before.length && x - k < after.length && before[x] === after[x - k]) x++;
      next.set(k, x);
      if (x >= before.length && x - k >= after.length) return walkBack([...trace, reach], before, after);
    }
    trace.push(reach);
    reach = next;
  }
  return replaceAll(before, after);
}

function replaceAll(before: readonly string[], after: readonly string[]): Edit[] {
  const removed = before.map((line): Edit => ({ sign: '-', line }));
  return [...removed, ...after.map((line): Edit => ({ sign: '+', line }))];
}

/** Whether the way to diagonal k goes by an insertion rather than a deletion. */
function isDown(reach: ReadonlyMap<number, number>, k: number, d: number): boolean {
  return k === -d || (k !== d && (reach.get(k - 1) ?? 0) < (reach.get(k + 1) ?? 0));
}

function walkBack(trace: readonly Map<number, number>[], before: readonly string[], after: readonly string[]): Edit[] {
  const edits: Edit[] = [];
  let x = before.length;
  let y = after.length;
  for (let d = trace.length - 1; d >= 0; d--) {
    const reach = trace[d] as Map<number, number>;
    const k = x - y;
    const from = isDown(reach, k, d) ? k + 1 : k - 1;
    const fromX = d === 0 ? 0 : (reach.get(from) ?? 0);
    const fromY = d === 0 ? 0 : fromX - from;
    while (x > fromX && y > fromY) {
      edits.push({ sign: ' ', line: before[--x] ?? '' });
      y--;
    }
    if (d > 0) edits.push(x > fromX ? { sign: '-', line: before[--x] ?? '' } : { sign: '+', line: after[--y] ?? '' });
  }
  return edits.reverse();
}

function buildHunks(edits: readonly Edit[]): string[] {
  const hunks: string[] = [];
  let position = { before: 0, after: 0 };
  let at = 0;
  for (const { from, to } of findRanges(edits)) {
    position = advance(position, edits.slice(at, from));
    const lines = edits.slice(from, to);
    const after = advance(position, lines);
    const removed = after.before - position.before;
    const added = after.after - position.after;
    const head = `@@ -${formatRange(position.before, removed)} +${formatRange(position.after, added)} @@\n`;
    hunks.push(head + lines.map(({ sign, line }) => `${sign}${line}\n`).join(''));
    position = after;
    at = to;
  }
  return hunks;
}

/** Changes with their context; neighbours whose contexts meet are one. */
function findRanges(edits: readonly Edit[]): { from: number; to: number }[] {
  const ranges: { from: number; to: number }[] = [];
  for (const [index, { sign }] of edits.entries()) {
    if (sign === ' ') continue;
    const last = ranges.at(-1);
    const to = Math.min(edits.length, index + CONTEXT + 1);
    if (last && index - CONTEXT <= last.to) last.to = to;
    else ranges.push({ from: Math.max(0, index - CONTEXT), to });
  }
  return ranges;
}

function advance(from: { before: number; after: number }, edits: readonly Edit[]) {
  const count = (sign: '-' | '+') => edits.filter((edit) => edit.sign === ' ' || edit.sign === sign).length;
  return { before: from.before + count('-'), after: from.after + count('+') };
}

/** A range of no lines names the line before it. */
function formatRange(start: number, count: number): string {
  const line = count === 0 ? start : start + 1;
  return count === 1 ? `${line}` : `${line},${count}`;
}
