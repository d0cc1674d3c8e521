import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** Makes a folder contain exactly these files, each replaced atomically. Returns the paths that changed, relative to the folder. */
export function writeConfigFolder(folder: string, files: ReadonlyMap<string, string>): string[] {
  const written = [...files].filter(([path, text]) => writeWhenChanged(join(folder, path), text)).map(([path]) => path);
  const removed = listFiles(folder).filter((path) => !files.has(path));
  for (const path of removed) rmSync(join(folder, path));
  return [...written, ...removed];
}

function writeWhenChanged(file: string, text: string): boolean {
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return false;
  mkdirSync(dirname(file), { recursive: true });
  // Rename at the end, because Prometheus may read the file at any moment
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return true;
}

function listFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path));
  return paths.filter((path) => statSync(path).isFile()).map((path) => relative(folder, path));
}
