/** Finds exports that no other file needs. Pure. */
import type { Export, Module, Project } from './project.ts';

export interface UnusedExport {
  readonly path: string;
  readonly name: string;
  readonly isType: boolean;
}

interface UnusedExports {
  /** Exports that no other file imports. Their own file may use them. */
  readonly nowhere: readonly UnusedExport[];
  /** Exports of source files that only tests and benchmarks import. */
  readonly onlyTests: readonly UnusedExport[];
}

/**
 * Judges every named export, types too. Skips default exports: vitest loads its configuration and its global setups by
 * file name. `import * as` and `import()` count as a use of every export of the file. A re-export counts as a use of
 * the name behind it; it is also an export of its own that another file must import.
 */
export function findUnusedExports(project: Project): UnusedExports {
  const users = collectUsers(project);
  const judged = [...project.values()].flatMap((module) =>
    listJudged(module).map((one) => ({ module, one, by: users.get(keyOf(module.path, one.name)) ?? [] })),
  );
  const nowhere = judged.filter(({ by }) => by.length === 0);
  const onlyTests = judged.filter(({ module, by }) => !module.isTest && by.length > 0 && by.every(isTest));
  return { nowhere: nowhere.map(describe), onlyTests: onlyTests.map(describe) };
}

function describe({ module, one }: { module: Module; one: Export }): UnusedExport {
  return { path: module.path, name: one.name, isType: one.isType };
}

function listJudged({ exports }: Module): Export[] {
  return exports.filter(({ name }) => name !== '*' && name !== 'default');
}

function isTest(module: Module): boolean {
  return module.isTest;
}

function keyOf(file: string, name: string): string {
  return `${file} ${name}`;
}

/** Returns the files that import each export, keyed by the export's file and name. */
function collectUsers(project: Project): Map<string, Module[]> {
  const users = new Map<string, Module[]>();
  const use = (file: string, name: string, user: Module): void => {
    const module = project.get(file);
    if (!module) return;
    const isMeant = (one: Export) => one.name === name || name === '*';
    for (const one of module.exports.filter(isMeant)) {
      const key = keyOf(file, one.name);
      users.set(key, [...(users.get(key) ?? []), user]);
    }
    // The name may come from a file behind `export * from`.
    if (name !== '*' && module.exports.some(isMeant)) return;
    for (const one of module.exports) if (one.name === '*' && one.from) use(one.from, name, user);
  };
  for (const module of project.values()) {
    for (const { from, name } of module.imports) use(from, name, module);
    for (const { from, imported } of module.exports)
      if (from && imported && imported !== '*') use(from, imported, module);
  }
  return users;
}
