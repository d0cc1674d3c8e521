import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { findUnusedExports } from './exports.ts';
import { pickComments } from './pick-comments.ts';
import { parseProject, readProject } from './project.ts';
import { countLineKinds, listSmallFiles, measureFunctions, rankFolders } from './sizes.ts';
import { followWay } from './ways.ts';

function modulesOf(texts: Record<string, string>) {
  return [...parseProject(texts).values()];
}

describe('comments', () => {
  const text = `/** Adds two prices,
 * in cents. */
export const add = 1;
// A trap that
// takes two lines.
const trap = 2; // three words only
`;
  const both = [
    { at: 'a.ts:1', comment: 'Adds two prices,\nin cents.', code: 'export const add = 1;' },
    { at: 'a.ts:4', comment: 'A trap that\ntakes two lines.', code: 'const trap = 2; // three words only' },
  ];

  it('are picked whole, once each, with the code below them', () => {
    const picked = pickComments(parseProject({ 'a.ts': text }), 30, 1);
    expect(picked.toSorted((a, b) => a.at.localeCompare(b.at))).toEqual(both);
  });

  it('are the same for the same seed, and differ for another seed', () => {
    const many = parseProject({ 'a.ts': text.repeat(20) });
    const lines = (seed: number) => pickComments(many, 10, seed).map(({ at }) => at);
    expect(lines(7)).toEqual(lines(7));
    expect(lines(7)).not.toEqual(lines(8));
  });
});

describe('sizes', () => {
  it('measures functions, methods and arrows with a block, nested ones on their own', () => {
    const text = `const double = (x: number) => x * 2;
export function outer() {
  const inner = () => {
    return double(1);
  };
  return inner;
}
class Clock {
  get now() { return 1; }
}
`;
    const { functions, ...figures } = measureFunctions(modulesOf({ 'a.ts': text }));
    expect(functions).toEqual([
      { at: 'a.ts:2', name: 'outer', lines: 6 },
      { at: 'a.ts:3', name: 'inner', lines: 3 },
      { at: 'a.ts:9', name: 'now', lines: 1 },
    ]);
    expect(figures).toEqual({ count: 3, median: 3, p90: 6, max: 6 });
  });

  it('tells comment lines from code lines', () => {
    const text = `/**
 * → 😀 outside the first plane: offsets are UTF-16.
 */
const url = 'http://no-comment'; // beside code

/* before code */ export const b = url;
`;
    expect(countLineKinds(modulesOf({ 'a.ts': text }))).toEqual({ comment: 3, code: 2 });
  });

  it('ranks folders by the files directly in them', () => {
    const modules = modulesOf({ 'a/b/1.ts': '', 'a/b/2.ts': '', 'a/3.ts': '', '4.ts': '' });
    expect(rankFolders(modules)).toEqual([
      { folder: 'a/b', files: 2 },
      { folder: '.', files: 1 },
      { folder: 'a', files: 1 },
    ]);
  });

  it('counts a file of 20 lines as small, and one of 21 lines not', () => {
    expect(listSmallFiles(modulesOf({ '20.ts': ';\n'.repeat(20), '21.ts': ';\n'.repeat(21) }))).toEqual(['20.ts']);
  });
});

describe('unused exports', () => {
  const find = (texts: Record<string, string>) => {
    const { nowhere, onlyTests } = findUnusedExports(parseProject(texts, { '#lib/*': './lib/*' }));
    const name = ({ path: file, name, isType }: (typeof nowhere)[number]) => `${file} ${name}${isType ? ' type' : ''}`;
    return { nowhere: nowhere.map(name), onlyTests: onlyTests.map(name) };
  };

  it('finds exports that no file imports, and exports that only tests import', () => {
    const found = find({
      'lib/a.ts':
        'export const used = 1, tested = 2, benched = 3, dead = 4; export interface Dead {} export type Used = 1;',
      'main.ts': "import { used as other } from '#lib/a.ts'; import type { Used } from './lib/a.ts'; other as Used;",
      'lib/a.test.ts': "import { tested, used } from './a.ts'; tested + used;",
      'bench/run.ts': "import { benched } from '../lib/a.ts'; export const deadToo = benched;",
      'vitest.config.ts': 'export default {};',
    });
    expect(found).toEqual({
      nowhere: ['lib/a.ts dead', 'lib/a.ts Dead type', 'bench/run.ts deadToo'],
      onlyTests: ['lib/a.ts tested', 'lib/a.ts benched'],
    });
  });

  it('counts a namespace import, an import() and the type of an import() as a use of every export', () => {
    const found = find({
      'a.ts': 'export const x = 1;',
      'b.ts': 'export const y = 1;',
      'c.ts': 'export type Z = 1;',
      'main.ts': "import * as a from './a.ts'; a.x; await import('./b.ts'); type Z = import('./c.ts').Z;",
    });
    expect(found.nowhere).toEqual([]);
  });

  it('follows re-exports to the name behind them', () => {
    const found = find({
      'a.ts': 'export const x = 1, y = 2;',
      'b.ts': 'export const far = 1, lost = 2;',
      'index.ts': "export { x as first, y } from './a.ts'; export * from './b.ts';",
      'main.ts': "import { first, far } from './index.ts'; first + far;",
    });
    expect(found.nowhere).toEqual(['b.ts lost', 'index.ts y']);
  });
});

describe('a way', () => {
  const texts = {
    'services/replay.ts': `
      import { publish } from './publish.ts';
      import { type Shape, shaped } from './shape.ts';
      import { repeat } from '#kit/repeat.ts';
      import * as tools from './tools.ts';
      export function startReplay(shape: Shape, queue: { add(): void }) {
        const shaped = 1;
        repeat(() => tools.near(publish(shaped)));
        queue.add();
      }`,
    'services/publish.ts': "import { table } from './table.ts'; export const publish = (x: number) => table[x];",
    'services/table.ts': "import { Row } from './index.ts'; export const table = [new Row()];",
    'services/index.ts': "export { Row } from './row.ts';",
    'services/row.ts': "import { readConfig } from './config.ts'; export class Row { read() { return readConfig(); } }",
    'services/config.ts': 'export function readConfig() {}',
    'services/shape.ts': 'export interface Shape {} export function shaped() {}',
    'services/tools.ts':
      "import { far } from './far.ts'; export function near(far: unknown) { return far; } export const other = far;",
    'services/far.ts': 'export function far() {}',
    'kit/repeat.ts': 'export function repeat(work: () => void) {}',
    'kit/queue.ts': "import { repeat } from './repeat.ts'; export function openQueue() { repeat(openQueue); }",
    'test/queue.ts': 'export function openQueue() {}',
  };
  const project = parseProject(texts, { '#kit/*': './kit/*' });

  it('counts the files of functions and classes, through tables and re-exports, past types and shadowed names', () => {
    const hops = [
      { about: 'the replay', names: ['startReplay'] },
      { about: 'the queue', names: ['openNewQueue', 'openQueue'] },
    ];
    expect(followWay({ hops }, project)).toEqual({
      files: ['kit/queue.ts', 'services/publish.ts', 'services/replay.ts', 'services/row.ts', 'services/tools.ts'],
      asides: [],
      leftOut: ['kit/repeat.ts', 'services/config.ts'],
      warnings: [],
    });
  });

  it('counts one of several alternatives, and lists the files of the others with the reason', () => {
    const rules = parseProject({
      'main.ts': `import { list } from './list.ts'; export function start() { list.forEach((rule) => rule()); }`,
      'list.ts': `import { a } from './a.ts'; import { b } from './b.ts'; export const list = [a, b];`,
      'a.ts': "import { shared } from './shared.ts'; export function a() { shared(); }",
      'b.ts': `import { shared } from './shared.ts'; import { deep } from './deep.ts'; import { log } from './kit/log.ts';
        export function b() { shared(); deep(); log(); }`,
      'shared.ts': 'export function shared() {}',
      'deep.ts': 'export function deep() {}',
      'kit/log.ts': 'export function log() {}',
    });
    const hops = [{ about: 'the start', names: ['start'] }];
    const alternatives = [{ reason: 'one rule decides', names: ['oldName', 'a', 'b'] }];
    expect(followWay({ hops, alternatives }, rules)).toEqual({
      files: ['a.ts', 'main.ts', 'shared.ts'],
      asides: [
        { path: 'b.ts', reason: 'one rule decides' },
        { path: 'deep.ts', reason: 'one rule decides' },
      ],
      leftOut: ['kit/log.ts'],
      warnings: [],
    });
  });

  it('does not count the file of an aside, unless the way needs another function of that file', () => {
    const hops = [{ about: 'the replay', names: ['startReplay'] }];
    const asides = [{ reason: 'not needed', names: ['publish', 'gone'] }];
    const { files, asides: listed } = followWay({ hops, asides }, project);
    expect(files).toEqual(['services/replay.ts', 'services/tools.ts']);
    expect(listed).toEqual([
      { path: 'services/publish.ts', reason: 'not needed' },
      { path: 'services/row.ts', reason: 'not needed' },
    ]);
    const both = parseProject({
      'main.ts': "import { spare, work } from './work.ts'; export function start() { spare(); work(); }",
      'work.ts': 'export function spare() {} export function work() {}',
    });
    const start = [{ about: 'the start', names: ['start'] }];
    const spare = [{ reason: 'not needed', names: ['spare'] }];
    expect(followWay({ hops: start, asides: spare }, both)).toMatchObject({
      files: ['main.ts', 'work.ts'],
      asides: [],
    });
  });

  it('warns of an entry that is missing, and of one that exists twice', () => {
    const hops = [{ about: 'the broker', names: ['createBroker', 'openBroker'] }];
    expect(followWay({ hops }, project)).toEqual({
      files: [],
      asides: [],
      leftOut: [],
      warnings: ['the broker: no file exports createBroker or openBroker; add its new name in ways.ts'],
    });
    const twice = parseProject({ 'a.ts': 'export class A {}', 'b.ts': 'export class A {}' });
    expect(followWay({ hops: [{ about: 'A', names: ['A'] }] }, twice).warnings).toHaveLength(1);
  });
});

it('reads the hand-written files that git tracks, with the aliases of package.json', () => {
  const root = mkdtempSync(path.join(tmpdir(), 'trading-platform-house-'));
  const write = (file: string, text: string) => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  };
  try {
    write('package.json', '{ "imports": { "#lib/*": "./lib/*" } }');
    write('main.ts', "import { a } from '#lib/a.ts'; a;");
    for (const file of [
      'lib/a.ts',
      'lib/a.test.ts',
      'lib/b.gen.ts',
      'rendered/c.ts',
      'lib/testdata/d.ts',
      'lib/gone.ts',
    ])
      write(file, 'export const a = 1;');
    execFileSync('git', ['-C', root, 'init', '--quiet']);
    execFileSync('git', ['-C', root, 'add', '.']);
    write('untracked.ts', '');
    rmSync(path.join(root, 'lib/gone.ts'));
    const project = readProject(root);
    expect([...project.values()].map(({ path: file, isTest }) => [file, isTest])).toEqual([
      ['lib/a.test.ts', true],
      ['lib/a.ts', false],
      ['main.ts', false],
    ]);
    expect(project.get('main.ts')?.imports).toEqual([{ from: 'lib/a.ts', name: 'a', local: 'a' }]);
  } finally {
    rmSync(root, { recursive: true });
  }
});
