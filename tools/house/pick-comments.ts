import type { Module, Project } from './project.ts';

interface PickedComment {
  /** `file:line` of the comment's first line. */
  readonly at: string;
  readonly comment: string;
  /** The line of code below the comment. */
  readonly code: string;
}

/** Comments with fewer words are markers, not sentences. */
const LEAST_WORDS = 4;

/**
 * Picks comments at random, each equally likely; line comments below each other count as one.
 * @param seed the same seed and the same code yield the same comments
 */
export function pickComments(project: Project, count: number, seed: number): PickedComment[] {
  const all = [...project.values()].flatMap(commentsOf);
  const random = createRandom(seed);
  const picked: PickedComment[] = [];
  while (picked.length < count && all.length > 0) picked.push(...all.splice(Math.floor(random() * all.length), 1));
  return picked;
}

function commentsOf({ path, text, comments }: Module): PickedComment[] {
  const blocks: { start: number; end: number }[] = [];
  for (const { start, end } of comments) {
    const last = blocks.at(-1);
    const isNextLine = last && text.startsWith('//', start) && /^\n[ \t]*$/.test(text.slice(last.end, start));
    if (isNextLine && text.startsWith('//', last.start)) last.end = end;
    else blocks.push({ start, end });
  }
  return blocks.flatMap(({ start, end }) => {
    const comment = text
      .slice(start, end)
      .replaceAll(/^[ \t]*(\/\*\*?|\*\/?|\/\/)[ \t]?|[ \t]*\*\/$/gm, '')
      .trim();
    if (comment.split(/\s+/).length < LEAST_WORDS || /^biome-ignore/.test(comment)) return [];
    const line = text.slice(0, start).split('\n').length;
    const code =
      text
        .slice(end)
        .split('\n')
        .find((below, index) => index > 0 && below.trim()) ?? '';
    return [{ at: `${path}:${line}`, comment, code: code.trim() }];
  });
}

/** Mulberry32, by Tommy Ettinger: a 32-bit generator that is good enough to pick at random. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
