import { requirePackage } from './packages.ts';

/** Grafana's own package, which as an ES module only bundlers can load. */
export const grafana = requirePackage('@grafana/data') as typeof import('@grafana/data');
/** As Grafana looks unless it is told otherwise. */
export const theme = grafana.createTheme({ colors: { mode: 'dark' } });

// what it looks for in a page, and does not find here
Object.assign(globalThis, { window: {} });
// some have two names
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
