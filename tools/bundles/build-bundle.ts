import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type RolldownOptions, rolldown } from 'rolldown';
import { type Bundle, MAIN } from './bundle.ts';
import { declareBundleFolder, keepFolders } from './keep-folders.ts';
import { leaveOutBuilders, lightenChunks } from './lighten-chunks.ts';
import { writePackage } from './write-package.ts';

/** Optional native packages that are not installed. The packages that import them do so in a `try`, and work without them. */
const external = ['msgpackr-extract', 'pg-native', 'bufferutil', 'utf-8-validate'];

/**
 * Writes the folder `folder`/NAME anew: main.mjs, which Node runs without node_modules; a chunk for each dynamic import; their
 * source maps; the assets; and what makes it an npm package, if it has an `about`. Functions keep their names, for stack traces and logs.
 * @throws Error if an import cannot be resolved
 */
export async function buildBundle(bundle: Bundle, root: string, folder: string): Promise<void> {
  const { name, main, assets, about } = bundle;
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
  if (about) writePackage({ name, about }, root, target);
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
