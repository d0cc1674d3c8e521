import { createRequire } from 'node:module';
import { join } from 'node:path';

/**
 * Loads a package that only the pictures need. These packages are installed in packages/, so that neither images nor `make
 * setup` install them.
 */
export const requirePackage = createRequire(join(import.meta.dirname, 'packages', 'package.json'));

/** Grafana's own library, in its CommonJS form, because only a bundler can load its ES module. */
export const grafana = requirePackage('@grafana/data') as typeof import('@grafana/data');
/** Grafana's default theme. */
export const theme = grafana.createTheme({ colors: { mode: 'dark' } });

// the library expects the global `window` of a browser
Object.assign(globalThis, { window: {} });
// some transformers are listed under two names
const transformers = new Map(Object.values(grafana.standardTransformers).map((one) => [one.id, one]));
grafana.standardTransformersRegistry.setInit(() =>
  [...transformers.values()].map((transformation) => ({
    id: transformation.id,
    name: transformation.name,
    transformation: async () => transformation,
    editor: () => null,
    imageDark: '',
    imageLight: '',
  })),
);
