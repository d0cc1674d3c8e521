import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { dashboardNames } from '#catalogue/dashboards.ts';
import { MOST_BYTES } from '#tools/pictures/size-limit.ts';

const folder = path.resolve(import.meta.dirname, '..', 'docs', 'pictures');

it('docs/pictures has exactly one picture for each dashboard', () => {
  expect(readdirSync(folder).sort()).toEqual(dashboardNames.map((name) => `${name}.png`).sort());
});

it.each(dashboardNames)('the picture of %s is smaller than the limit', (name) => {
  expect(statSync(path.join(folder, `${name}.png`)).size).toBeLessThan(MOST_BYTES);
});
