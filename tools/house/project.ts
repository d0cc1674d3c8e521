/**
 * Reads the hand-written TypeScript of a checkout: parses every file once and resolves its imports and exports to files. Takes
 * a folder under git, or sources keyed by path. Never runs the code it reads.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type ParseResult, parseSync } from 'rolldown/utils';
import { isNode, type Node, visitNodes } from './syntax.ts';

interface Import {
  /** Path of the imported file. */
  readonly from: string;
  /**
   * Exported name that the file imports; `*` for the whole module: `import * as`, `import()`, and the type
   * `import('…')`.
   */
  readonly name: string;
  /** Local name of the import. Absent if the import binds no name. */
  readonly local?: string;
}

export interface Export {
  /** Name under which other files import the export; `*` for `export * from`. */
  readonly name: string;
  readonly isType: boolean;
  /** Name in this file; absent for a re-export. */
  readonly local?: string;
  readonly from?: string;
  readonly imported?: string;
}

export interface Module {
  /** Path from the root of the repository, with slashes. */
  readonly path: string;
  readonly text: string;
  /** True for `*.test.ts`, and for every file in or under a folder test/ or bench/. */
  readonly isTest: boolean;
  readonly program: Node;
  readonly comments: readonly { readonly start: number; readonly end: number }[];
  readonly imports: readonly Import[];
  readonly exports: readonly Export[];
}

export type Project = ReadonlyMap<string, Module>;
/** `imports` of package.json, such as `#kit/*` → `./kit/*`. */
type Aliases = Readonly<Record<string, string>>;

/** Skips untracked files, so that a commit has the same figures on every machine. */
export function readProject(root: string): Project {
  const listed = execFileSync('git', ['-C', root, 'ls-files', '-z', '*.ts'], { encoding: 'utf8' }).split('\0');
  const files = listed.filter((file) => isHandWritten(file) && existsSync(path.join(root, file)));
  const texts = Object.fromEntries(files.map((file) => [file, readFileSync(path.join(root, file), 'utf8')]));
  return parseProject(texts, readAliases(root));
}

/** @throws Error that names the file that does not parse */
export function parseProject(texts: Readonly<Record<string, string>>, aliases: Aliases = {}): Project {
  return new Map(Object.entries(texts).map(([file, text]) => [file, parseModule(file, text, aliases)]));
}

function isHandWritten(file: string): boolean {
  return file.endsWith('.ts') && !file.endsWith('.gen.ts') && !/(^|\/)(rendered|testdata)\//.test(file);
}

function readAliases(root: string): Aliases {
  const file = path.join(root, 'package.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')).imports ?? {}) : {};
}

function parseModule(file: string, text: string, aliases: Aliases): Module {
  const { program, comments, module, errors } = parseSync(file, text, { lang: 'ts' });
  if (errors[0]) throw new Error(`${file}: ${errors[0].message}`);
  const tree = program as unknown as Node;
  const resolve = (specifier: string) => resolveSpecifier(specifier, file, aliases);
  return {
    path: file,
    text,
    isTest: file.endsWith('.test.ts') || /(^|\/)(test|bench)\//.test(file),
    program: tree,
    comments,
    imports: [...listStaticImports(module, resolve), ...listLateImports(tree, resolve)],
    exports: listExports(module, resolve),
  };
}

type Resolve = (specifier: string) => string | undefined;

/** Returns the path of the imported file, or undefined if the specifier names a package. */
function resolveSpecifier(specifier: string, file: string, aliases: Aliases): string | undefined {
  if (specifier.startsWith('.')) return path.posix.join(path.posix.dirname(file), specifier);
  for (const [pattern, target] of Object.entries(aliases)) {
    const [before = '', after = ''] = pattern.split('*');
    if (!specifier.startsWith(before) || !specifier.endsWith(after)) continue;
    return path.posix.normalize(target.replace('*', specifier.slice(before.length, specifier.length - after.length)));
  }
  return undefined;
}

function listStaticImports({ staticImports }: ParseResult['module'], resolve: Resolve): Import[] {
  return staticImports.flatMap(({ moduleRequest, entries }) => {
    const from = resolve(moduleRequest.value);
    if (!from) return [];
    return entries.map(({ importName, localName }) => {
      const name = importName.kind === 'NamespaceObject' ? '*' : (importName.name ?? 'default');
      return { from, name, local: localName.value };
    });
  });
}

/** An `import()` counts as an import of the whole module, because this file does not determine which of its names the code uses. */
function listLateImports(program: Node, resolve: Resolve): Import[] {
  const found: Import[] = [];
  visitNodes(program, ({ type, source }) => {
    if ((type !== 'ImportExpression' && type !== 'TSImportType') || !isNode(source)) return;
    const from = typeof source.value === 'string' ? resolve(source.value) : undefined;
    if (from) found.push({ from, name: '*' });
  });
  return found;
}

function listExports({ staticExports }: ParseResult['module'], resolve: Resolve): Export[] {
  return staticExports
    .flatMap(({ entries }) => entries)
    .flatMap(({ exportName, importName, localName, moduleRequest, isType }): Export[] => {
      const isAll = exportName.kind === 'None';
      const name = isAll ? '*' : (exportName.name ?? 'default');
      if (!moduleRequest) return [{ name, isType, local: localName.name ?? 'default' }];
      const from = resolve(moduleRequest.value);
      return from ? [{ name, isType, from, imported: importName.name ?? '*' }] : [];
    });
}
