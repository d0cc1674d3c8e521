/**
 * `make house`: prints figures of the code as a table and, in the last line, as one JSON object. It only informs: no
 * figure makes it fail. `--root DIR` measures another checkout, to compare before and after; `--list` prints the names
 * behind the figures. `--comments N [--seed S]` prints N comments picked at random instead, for somebody to read.
 */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findUnusedExports, type UnusedExport } from './exports.ts';
import { pickComments } from './pick-comments.ts';
import { type Project, readProject } from './project.ts';
import { countLineKinds, listSmallFiles, measureFunctions, rankFolders, SMALL_FILE_LINES, sumLines } from './sizes.ts';
import { followWay, ways } from './ways.ts';

const { values } = parseArgs({
  options: {
    root: { type: 'string' },
    list: { type: 'boolean' },
    comments: { type: 'string' },
    seed: { type: 'string' },
  },
});
const root = path.resolve(values.root ?? path.join(import.meta.dirname, '../..'));
const project = readProject(root);
if (values.comments) printComments(project, Number(values.comments), Number(values.seed ?? Date.now() % 1_000_000));
else printFigures(project);

function printFigures(measured: Project): void {
  const house = measureHouse(measured);
  printTable(house);
  if (values.list) printLists(house);
  console.log(JSON.stringify({ commit: describeCommit(root), ...summarize(house) }));
}

function printComments(read: Project, count: number, seed: number): void {
  for (const [index, { at, comment, code }] of pickComments(read, count, seed).entries())
    console.log(`${index + 1}. ${at}\n${comment.replaceAll(/^/gm, '   | ')}\n   > ${code}\n`);
  console.log(JSON.stringify({ commit: describeCommit(root), comments: count, seed }));
}

type House = ReturnType<typeof measureHouse>;

function measureHouse(project: Project) {
  const modules = [...project.values()];
  const sources = modules.filter(({ isTest }) => !isTest);
  const tests = modules.filter(({ isTest }) => isTest);
  return {
    files: { source: sources.length, test: tests.length },
    lines: { source: sumLines(sources), test: sumLines(tests) },
    small: listSmallFiles(sources),
    folders: rankFolders(sources).slice(0, 5),
    functions: measureFunctions(sources),
    kinds: countLineKinds(sources),
    unused: findUnusedExports(project),
    signal: followWay(ways.signal, project),
    pipeline: followWay(ways.pipeline, project),
  };
}

/** The figures of the JSON line: numbers, without the lists behind them. */
function summarize({ files, lines, small, folders, functions, kinds, unused, signal, pipeline }: House) {
  const { count, median, p90, max, functions: all } = functions;
  return {
    files,
    lines,
    smallFiles: small.length,
    folders,
    functions: { count, median, p90, max, longest: all[0]?.at },
    comments: { ...kinds, ratio: Number((kinds.comment / kinds.code).toFixed(3)) },
    unusedExports: { ...countKinds(unused.nowhere), onlyTests: unused.onlyTests.length },
    ways: { signal: signal.files.length, pipeline: pipeline.files.length },
    asides: { signal: signal.asides.length, pipeline: pipeline.asides.length },
    leftOut: { signal: signal.leftOut.length, pipeline: pipeline.leftOut.length },
    warnings: [...signal.warnings, ...pipeline.warnings],
  };
}

function countKinds(unused: readonly UnusedExport[]) {
  const types = unused.filter(({ isType }) => isType).length;
  return { nowhere: unused.length, types };
}

/** Returns the id of the commit. It ends in `-dirty` if tracked files differ from the commit. */
function describeCommit(folder: string): string {
  const args = ['-C', folder, 'describe', '--always', '--dirty', '--exclude=*'];
  return execFileSync('git', args, { encoding: 'utf8' }).trim();
}

function printTable(measured: House): void {
  const { files, lines, functions, comments, unusedExports, ...rest } = summarize(measured);
  const [longest] = measured.functions.functions;
  const row = (label: string, text: string) => console.log(`${label.padEnd(34)}${text}`);
  row('source files', `${files.source}, ${lines.source} lines`);
  row('test and bench files', `${files.test}, ${lines.test} lines`);
  row(`source files, ${SMALL_FILE_LINES} lines or fewer`, String(rest.smallFiles));
  for (const [index, { folder, files }] of rest.folders.entries())
    row(index === 0 ? 'most source files in one folder' : '', `${String(files).padStart(3)}  ${folder}/`);
  row('functions', `${functions.count}: median ${functions.median} lines, p90 ${functions.p90}, max ${functions.max}`);
  row('longest function', longest ? `${longest.name}, ${longest.at}` : 'none');
  row('comment lines to code lines', `${comments.ratio} (${comments.comment} to ${comments.code})`);
  row('exports used nowhere', `${unusedExports.nowhere}, of these ${unusedExports.types} types`);
  row('exports used by tests only', String(unusedExports.onlyTests));
  row(
    'files, signal to order',
    `${rest.ways.signal}, ${rest.asides.signal} beside it, ${rest.leftOut.signal} left out`,
  );
  row('files, TradingPipeline to objects', `${rest.ways.pipeline}, and ${rest.leftOut.pipeline} left out`);
  for (const warning of rest.warnings) row('WARNING', warning);
}

function printLists({ small, functions, unused, signal, pipeline }: House): void {
  const print = (title: string, lines: readonly string[]) => console.log(`\n${title}:\n  ${lines.join('\n  ')}`);
  const nameExport = ({ path: file, name, isType }: UnusedExport) => `${file}  ${name}${isType ? ' (type)' : ''}`;
  print(`source files, ${SMALL_FILE_LINES} lines or fewer`, small);
  const longest = functions.functions.slice(0, 20).map(({ lines, at, name }) => `${lines}  ${at}  ${name}`);
  print('longest functions', longest);
  print('exports used nowhere', unused.nowhere.map(nameExport));
  print('exports used by tests only', unused.onlyTests.map(nameExport));
  print('files, signal to order', signal.files);
  const asides = signal.asides.map(({ path: file, reason }) => `${file}  (${reason})`);
  print('beside this way, not counted', asides);
  print('left out of them', signal.leftOut);
  print('files, TradingPipeline to objects', pipeline.files);
  print('left out of them', pipeline.leftOut);
}
