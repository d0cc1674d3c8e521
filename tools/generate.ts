/**
 * `node tools/generate.ts` writes every generated file that is not current. With `--check` it writes nothing, and fails with
 * the names of the files that are not current.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { GeneratedFile } from './generated-file.ts';
import { signalTypesFile } from './signal-types-file.ts';

const root = path.resolve(import.meta.dirname, '..');

function isCurrent({ path: file, build }: GeneratedFile): boolean {
  const target = path.join(root, file);
  return existsSync(target) && readFileSync(target, 'utf8') === build();
}

function writeFiles(files: readonly GeneratedFile[]): void {
  for (const { path: file, build } of files) {
    const target = path.join(root, file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, build());
    console.log(`wrote ${file}`);
  }
}

async function main(args: readonly string[]): Promise<number> {
  const unknown = args.find((arg) => arg !== '--check');
  if (unknown) {
    console.error(`unknown argument ${unknown}: use "node tools/generate.ts" to write, with --check to compare`);
    return 2;
  }
  const isCheck = args.includes('--check');
  // The other generated files derive from signalTypesFile, so it is written before generated-files.ts loads their
  // sources.
  if (!isCheck && !isCurrent(signalTypesFile)) writeFiles([signalTypesFile]);
  const { generatedFiles } = await import('./generated-files.ts');
  const stale = generatedFiles.filter((file) => !isCurrent(file));
  if (!isCheck) {
    writeFiles(stale);
    console.log(`${generatedFiles.length} generated files are current, ${stale.length} of them written now`);
    return 0;
  }
  for (const { path: file } of stale) console.error(`${file} differs from what its sources generate`);
  if (stale.length > 0) console.error('run "make generate" and commit what it writes');
  else console.log(`${generatedFiles.length} generated files are current`);
  return stale.length > 0 ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
