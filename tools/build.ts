/**
 * `node tools/build.ts [NAME …]` writes bundles to dist/: the bundles with these names, or all bundles if no name is
 * given.
 */
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { buildBundle } from './bundles/build-bundle.ts';
import { type Bundle, bundles, MAIN } from './bundles/bundle.ts';

const root = path.resolve(import.meta.dirname, '..');
const dist = path.join(root, 'dist');

async function build(bundle: Bundle): Promise<void> {
  const startedAt = performance.now();
  await buildBundle(bundle, root, dist);
  const seconds = (performance.now() - startedAt) / 1_000;
  console.log(`dist/${bundle.name}/${MAIN}`.padEnd(40), `${sizeOf(bundle).toFixed(1)} MB in ${seconds.toFixed(1)} s`);
}

/** Returns the megabytes of a bundle's code, without source maps and assets. */
function sizeOf({ name }: Bundle): number {
  const folder = path.join(dist, name);
  const code = readdirSync(folder).filter((file) => file.endsWith('.mjs'));
  return code.reduce((sum, file) => sum + statSync(path.join(folder, file)).size, 0) / 1e6;
}

const names = process.argv.slice(2);
const unknown = names.find((name) => bundles.every((bundle) => bundle.name !== name));
if (unknown)
  throw new Error(`there is no bundle ${unknown}: name some of ${bundles.map(({ name }) => name).join(', ')}`);
for (const bundle of bundles) if (names.length === 0 || names.includes(bundle.name)) await build(bundle);
