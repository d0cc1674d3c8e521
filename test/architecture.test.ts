import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');
const page = readFileSync(path.join(root, 'ARCHITECTURE.md'), 'utf8');

interface Layer {
  number: number;
  parts: string[];
}

/** Returns the rows of the table under a heading of ARCHITECTURE.md, each as a list of cells. */
function readTable(heading: string): string[][] {
  const section = page.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const rows = section.split('\n').filter((line) => /^\|(?!\s*-)/.test(line));
  return rows.slice(1).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function quoted(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => text ?? '');
}

const layers: Layer[] = readTable('Layers').map(([number, parts]) => ({
  number: Number(number),
  parts: quoted(parts ?? ''),
}));

/** The folders with sources. Only tsconfig.json lists them; vitest.config.ts reads the same list. */
const { include } = JSON.parse(readFileSync(path.join(root, 'tsconfig.json'), 'utf8')) as { include: string[] };
const folders = include.filter((entry) => !entry.endsWith('.ts'));

/** Every source file of the repository, also in folders that tsconfig.json does not list. `dist/` is left out: `make build` writes it. */
const everySource = globSync('*/**/*.{ts,tsx}', {
  cwd: root,
  exclude: ['**/node_modules', '**/testdata', 'dist'],
}).filter((file) => !/\.test\.tsx?$/.test(file));
const sources = everySource.filter((file) => folders.includes(topOf(file)));

function topOf(file: string): string {
  return file.split('/')[0] ?? '';
}

/**
 * The layers of ARCHITECTURE.md, by number, that must be pure. The files of `base/` that these layers import must be
 * pure too.
 */
const PURE = { from: 1, to: 5 };
/** From this layer of ARCHITECTURE.md upwards, parts of the same layer may import each other. */
const WIRING = 9;
/** Number of the layer of tests and benchmarks, which may use any package directly. */
const TESTS = 10;

/**
 * Finds the part of ARCHITECTURE.md that a file belongs to: the part with the longest matching pattern. Returns
 * undefined if no pattern matches.
 */
function partOf(file: string): { layer: number; part: string } | undefined {
  const matches = layers.flatMap(({ number, parts }) =>
    parts
      .filter((part) => path.matchesGlob(file, part.endsWith('/') ? `${part}**` : part))
      .map((part) => ({ layer: number, part })),
  );
  return matches.sort((a, b) => b.part.length - a.part.length)[0];
}

/** Lists the imports of a file: the path from the root for a file of this project, the name for a package. */
function importsOf(file: string): string[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  const specifiers = [
    ...text.matchAll(/^(?:import|export)\b[^'"]*?from '([^']+)'|\bimport\('([^']+)'\)|^import '([^']+)'/gms),
  ];
  return specifiers.map(([, from, dynamic, bare]) => resolve(file, from ?? dynamic ?? bare ?? ''));
}

function resolve(file: string, specifier: string): string {
  if (specifier.startsWith('#')) return specifier.slice(1);
  if (specifier.startsWith('.')) return path.join(path.dirname(file), specifier);
  return specifier;
}

function serviceOf(file: string): string | undefined {
  return /^services\/([^/]+)\//.exec(file)?.[1];
}

function importProblem(file: string, imported: string): string | undefined {
  const from = partOf(file);
  const to = partOf(imported);
  if (!from || !to) return undefined;
  const service = serviceOf(file);
  if (service && (imported.startsWith('controller/') || imported.startsWith('dashboards/')))
    return 'a service never imports the operator';
  if (service && serviceOf(imported) && serviceOf(imported) !== service)
    return 'a service never imports another service';
  if (to.layer > from.layer) return `layer ${from.layer} imports layer ${to.layer}`;
  if (to.layer === from.layer && to.layer < WIRING && to.part !== from.part)
    return `${from.part} imports ${to.part} of its own layer`;
  return undefined;
}

/** Finds an import cycle and returns its files in order, the first one again at the end; empty if there is no cycle. */
function findCircle(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const cleared = new Set<string>();
  const follow = (file: string, way: readonly string[]): string[] => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (cleared.has(file)) return [];
    for (const imported of imports.get(file) ?? []) {
      const circle = follow(imported, [...way, file]);
      if (circle.length > 0) return circle;
    }
    cleared.add(file);
    return [];
  };
  for (const file of imports.keys()) {
    const circle = follow(file, []);
    if (circle.length > 0) return circle;
  }
  return [];
}

describe('ARCHITECTURE.md, Folders', () => {
  const rows = readTable('Folders').map(([folder]) => quoted(folder ?? '')[0] ?? '');

  it('the include of tsconfig.json lists every folder with sources', () => {
    expect([...new Set(everySource.map(topOf))].filter((folder) => !folders.includes(folder))).toEqual([]);
  });

  it('the include of tsconfig.json lists only folders with sources', () => {
    expect(folders.filter((folder) => !sources.some((file) => topOf(file) === folder))).toEqual([]);
  });

  it('the page has a row for every folder with sources', () => {
    expect(folders.filter((folder) => !rows.includes(`${folder}/`))).toEqual([]);
  });

  it('the page has no row for a folder that does not exist', () => {
    expect(rows.filter((row) => !existsSync(path.join(root, row)))).toEqual([]);
  });
});

describe('ARCHITECTURE.md, Layers', () => {
  it('gives every source file a layer', () => {
    expect(layers.length).toBeGreaterThan(4);
    expect(sources.filter((file) => !partOf(file))).toEqual([]);
  });

  it('has no part without a source file', () => {
    const parts = layers.flatMap(({ parts: ofLayer }) => ofLayer);
    expect(parts.filter((part) => !sources.some((file) => partOf(file)?.part === part))).toEqual([]);
  });

  it('gives no layer to a file whose folder has no row', () => {
    expect(partOf('no-such-folder/main.ts')).toBeUndefined();
  });

  it('holds: imports go downwards only', () => {
    const wrong = sources.flatMap((file) =>
      importsOf(file).flatMap((imported) => {
        const problem = importProblem(file, imported);
        return problem ? [`${file} → ${imported}: ${problem}`] : [];
      }),
    );
    expect(wrong).toEqual([]);
  });

  it('holds: there is no import cycle, type imports included', () => {
    expect(findCircle(new Map(sources.map((file) => [file, importsOf(file)])))).toEqual([]);
  });

  it('holds: every import of a project file leads to an existing file', () => {
    const missing = sources.flatMap((file) =>
      importsOf(file)
        .filter((imported) => imported.endsWith('.ts') && !existsSync(path.join(root, imported)))
        .map((imported) => `${file} → ${imported}`),
    );
    expect(missing).toEqual([]);
  });
});

/** Patterns of code that is not pure, each with its name. Node's modules are impure, except those that hash, compare and format. */
const impure: [RegExp, string][] = [
  [/\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(/, 'a clock'],
  [/\bMath\.random\(|\brandomUUID\(|\brandomBytes\(/, 'randomness'],
  [/\bprocess\.env\b/, 'the environment'],
  [/\bfetch\(|\bsetTimeout\(|\bsetInterval\(/, 'sockets or timers'],
  [/from 'node:(?!crypto'|util'|assert')/, 'a module of Node that does I/O'],
];

function impurities(file: string): string[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  return impure.filter(([pattern]) => pattern.test(text)).map(([, what]) => `${file} has ${what}`);
}

const pureSources = sources.filter((file) => {
  const layer = partOf(file)?.layer ?? Number.NaN;
  return layer >= PURE.from && layer <= PURE.to;
});

describe('ARCHITECTURE.md, Pure below', () => {
  it('holds: layers 1 to 5 have no clock, randomness, environment or sockets', () => {
    expect(pureSources.length).toBeGreaterThan(100);
    expect(pureSources.flatMap(impurities)).toEqual([]);
  });

  it('holds: these layers import only pure files of base/', () => {
    const imported = new Set(pureSources.flatMap(importsOf).filter((file) => partOf(file)?.layer === 0));
    expect([...imported].flatMap(impurities)).toEqual([]);
  });
});

describe('ARCHITECTURE.md, Packages behind one door', () => {
  it.each(readTable('Packages behind one door'))('%s', (packages, door) => {
    const doors = quoted(door ?? '');
    const wrong = sources.filter(
      (file) =>
        (partOf(file)?.layer ?? 0) < TESTS &&
        !doors.some((allowed) => path.matchesGlob(file, allowed.endsWith('/') ? `${allowed}**` : allowed)) &&
        importsOf(file).some((imported) =>
          quoted(packages ?? '').some((name) => imported === name || imported.startsWith(`${name}/`)),
        ),
    );
    expect(wrong).toEqual([]);
  });
});

describe('ARCHITECTURE.md, the steps', () => {
  const steps = [...page.matchAll(/^\d+\. .*(?:\n(?!\d+\. |\n).*)*/gm)].map(([step]) => step);

  it('has the steps of a signal and of a TradingPipeline', () => {
    expect(page).toContain('## Life of a signal');
    expect(page).toContain('## Life of a TradingPipeline');
    expect(steps.length).toBeGreaterThan(12);
  });

  it.each(steps)('%s', (step) => {
    const references = quoted(step).filter(
      (text) => /^[\w./-]+\.(ts|yaml|json)(:\w+)?$/.test(text) && text.includes('/'),
    );
    expect(references, 'a step names the file it happens in').not.toEqual([]);
    for (const reference of references) {
      const [file = '', symbol] = reference.split(':');
      expect(existsSync(path.join(root, file)), `${file} is there`).toBe(true);
      if (symbol)
        expect(readFileSync(path.join(root, file), 'utf8'), `${file} has ${symbol}`).toMatch(
          new RegExp(`\\b${symbol}\\b`),
        );
    }
  });
});
