import { dirname, relative, sep } from 'node:path';
import type { Plugin } from 'rolldown';

/** Name of the constant that holds the bundle's folder. */
const BUNDLE_FOLDER = '__bundleFolder';

/**
 * Code that is prepended to each chunk. It declares the constant that the code from `keepFolders` uses. All chunks of a
 * bundle are in one folder.
 */
export const declareBundleFolder = `const ${BUNDLE_FOLDER} = import.meta.dirname;`;

/**
 * Lets a module in a bundle find the files beside it, as in the repository: `import.meta.dirname`, `import.meta.url`
 * and a package's `__dirname` become the module's path in the repository, under the folder of the bundle.
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
        // line breaks stay where they are, so the existing source map stays valid
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
