import { dirname, relative, sep } from 'node:path';
import type { Plugin } from 'rolldown';

/** Stands in the bundle for the folder of the bundle. */
const BUNDLE_FOLDER = '__bundleFolder';

/** Put before a chunk's code: what the modules of `keepFolders` lean on. All chunks of a bundle are in one folder. */
export const declareBundleFolder = `const ${BUNDLE_FOLDER} = import.meta.dirname;`;

/**
 * A module that reads a file beside itself looks, in the bundle, under the same path below the bundle's folder: the one rule
 * by which `import.meta.dirname`, `import.meta.url` and a package's `__dirname` keep their meaning.
 */
export function keepFolders(root: string): Plugin {
  return {
    name: 'keep-folders',
    transform: {
      filter: { id: { exclude: /^\0/ }, code: /__dirname|import\.meta\.(dirname|url)/ },
      handler: (code, id) => {
        const path = relative(root, id).split(sep).join('/');
        const folder = `(${BUNDLE_FOLDER} + ${JSON.stringify(`/${dirname(path)}`)})`;
        const isOurs = !path.startsWith('node_modules/');
        const kept = isOurs ? keepModule(code, path, folder) : code.replaceAll(/\b__dirname\b/g, folder);
        // No line moves, so that the map that is there stays right.
        return { code: kept, map: null };
      },
    },
  };
}

function keepModule(code: string, path: string, folder: string): string {
  return code
    .replaceAll('import.meta.dirname', folder)
    .replaceAll('import.meta.url', `new URL(${JSON.stringify(path)}, import.meta.url).href`);
}
