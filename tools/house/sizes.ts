/** Measures the code: files, folders, functions and comments. Pure. */
import path from 'node:path';
import type { Module } from './project.ts';
import { isFunction, isNode, nameOf, visitNodes } from './syntax.ts';

/** A file this short is rarely a whole idea. */
export const SMALL_FILE_LINES = 20;

interface MeasuredFunction {
  /** `file:line`. */
  readonly at: string;
  readonly name: string;
  readonly lines: number;
}

interface FunctionSizes {
  readonly count: number;
  readonly median: number;
  readonly p90: number;
  readonly max: number;
  /** The longest first. */
  readonly functions: readonly MeasuredFunction[];
}

interface LineKinds {
  /** Lines with nothing but a comment. */
  readonly comment: number;
  /** Lines with code, whether or not a comment follows it. */
  readonly code: number;
}

function countLines({ text }: Pick<Module, 'text'>): number {
  return text === '' ? 0 : text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

export function sumLines(modules: readonly Module[]): number {
  return modules.reduce((sum, module) => sum + countLines(module), 0);
}

export function listSmallFiles(modules: readonly Module[]): string[] {
  return modules.filter((module) => countLines(module) <= SMALL_FILE_LINES).map((module) => module.path);
}

/** Lists folders with the number of files directly in them, the largest folder first. */
export function rankFolders(modules: readonly Module[]): { folder: string; files: number }[] {
  const folders = Map.groupBy(modules, (module) => path.posix.dirname(module.path));
  return [...folders]
    .map(([folder, { length: files }]) => ({ folder, files }))
    .sort((a, b) => b.files - a.files || a.folder.localeCompare(b.folder));
}

/**
 * Measures functions, methods, accessors, constructors, and arrows with a block body, in lines from the first to the last.
 * A nested function counts on its own, and its lines count for the outer one too.
 */
export function measureFunctions(modules: readonly Module[]): FunctionSizes {
  const functions = modules.flatMap(listFunctions).sort((a, b) => b.lines - a.lines || a.at.localeCompare(b.at));
  const shortestFirst = functions.map(({ lines }) => lines).reverse();
  const [median, p90, max] = [0.5, 0.9, 1].map((share) => quantile(shortestFirst, share));
  return { count: functions.length, median: median ?? 0, p90: p90 ?? 0, max: max ?? 0, functions };
}

/** Returns the quantile by nearest rank, so that the result is one of the values. */
function quantile(ascending: readonly number[], share: number): number {
  return ascending[Math.max(0, Math.ceil(ascending.length * share) - 1)] ?? 0;
}

function listFunctions({ path: file, text, program }: Module): MeasuredFunction[] {
  const found: MeasuredFunction[] = [];
  visitNodes(program, (node, parent) => {
    if (!isFunction(node) || !isNode(node.body) || node.body.type !== 'BlockStatement') return;
    const line = lineOf(text, node.start);
    const name = nameOf(node) || nameOf(parent) || 'unnamed';
    found.push({ at: `${file}:${line}`, name, lines: lineOf(text, node.end) - line + 1 });
  });
  return found;
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** Counts lines with code and lines with only a comment. Blank lines count as neither. */
export function countLineKinds(modules: readonly Module[]): LineKinds {
  const kinds = modules.flatMap(({ text, comments }) => {
    const code = withoutComments(text, comments).split('\n');
    return text.split('\n').map((line, index) => {
      if (code[index]?.trim()) return 'code';
      return line.trim() ? 'comment' : 'blank';
    });
  });
  const count = (kind: string) => kinds.filter((one) => one === kind).length;
  return { comment: count('comment'), code: count('code') };
}

/** Replaces comments by spaces; line breaks stay. */
function withoutComments(text: string, comments: Module['comments']): string {
  let code = '';
  let from = 0;
  for (const { start, end } of comments) {
    code += text.slice(from, start) + text.slice(start, end).replaceAll(/[^\n]/g, ' ');
    from = end;
  }
  return code + text.slice(from);
}
