/**
 * Writes the digests of the platform's images into the chart's values.yaml, before a release packages it. Reads lines
 * `backend=sha256:…` from standard input.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { processNames } from '#catalogue/services.ts';
import { chartFolder } from './stage-chart.ts';

const EMPTY = '\n  digests: {}\n';

/**
 * Returns values.yaml with a digest for each image. Pure.
 * @throws Error if an image has no digest, or the digest is not one
 */
export function pinImages(values: string, lines: string): string {
  const digests = new Map(
    lines
      .trim()
      .split('\n')
      .map((line) => line.split('=') as [string, string]),
  );
  const wrong = processNames.filter((name) => !/^sha256:[0-9a-f]{64}$/.test(digests.get(name) ?? ''));
  if (wrong.length > 0)
    throw new Error(`expected a line NAME=sha256:… for each image, got none for ${wrong.join(', ')}`);
  if (!values.includes(EMPTY)) throw new Error('values.yaml: expected `digests: {}` under `image`');
  const entries = processNames.map((name) => `\n    ${name}: ${digests.get(name)}`).join('');
  return values.replace(EMPTY, `\n  digests:${entries}\n`);
}

if (import.meta.main) {
  const file = join(chartFolder, 'values.yaml');
  writeFileSync(file, pinImages(readFileSync(file, 'utf8'), readFileSync(0, 'utf8')));
}
