import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type RolldownOptions, rolldown } from 'rolldown';
import type { Bundle } from './bundle.ts';
import { declareBundleFolder, keepFolders } from './keep-folders.ts';
import { leaveOutBuilders } from './leave-out-builders.ts';
import { lightenChunks } from './lighten-chunks.ts';

export const MAIN = 'main.mjs';

/** Native, and never there: each is asked for in a `try`, and done without. */
const external = ['msgpackr-extract', 'pg-native', 'bufferutil', 'utf-8-validate'];

/**
 * Writes `folder`/NAME: main.mjs, which Node runs without node_modules, its source map, a chunk for each part that is loaded
 * late, and the files it reads. What was there before is removed. The names of functions are kept, for stack traces and logs.
 * @throws Error when an import leads nowhere
 */
export async function buildBundle({ name, main, assets }: Bundle, root: string, folder: string): Promise<void> {
  const target = join(folder, name);
  rmSync(target, { recursive: true, force: true });
  const build = await rolldown(inputOptions(join(root, main), root));
  try {
    await build.write({
      dir: target,
      format: 'esm',
      entryFileNames: MAIN,
      chunkFileNames: '[name]-[hash].mjs',
      banner: declareBundleFolder,
      sourcemap: true,
      sourcemapExcludeSources: true,
      minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
    });
  } finally {
    await build.close();
  }
  for (const asset of assets) cpSync(join(root, asset), join(target, asset), { recursive: true });
}

function inputOptions(input: string, root: string): RolldownOptions {
  return {
    input,
    cwd: root,
    platform: 'node',
    external,
    plugins: [keepFolders(root), leaveOutBuilders(), lightenChunks()],
    onLog: (_level, log) => {
      throw new Error(`${input}: ${log.message}`);
    },
  };
}
