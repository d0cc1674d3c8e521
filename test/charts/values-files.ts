import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { chartFolder } from '../../tools/chart/stage-chart.ts';
import type { Values } from './helm.ts';

/** The values files that stand over another one, as their first lines say. */
const over: Readonly<Record<string, readonly string[]>> = {
  'aws.yaml': ['production.yaml'],
  'thanos.yaml': ['production.yaml'],
  'mimir.yaml': ['production.yaml'],
};

/** Every way of installing that the chart describes: its defaults, and each of its values files. */
export const installations: readonly [string, Values][] = [
  ['its defaults', {}],
  ...readdirSync(join(chartFolder, 'values')).map((file): [string, Values] => [
    file,
    { files: [...(over[file] ?? []), file] },
  ]),
];
