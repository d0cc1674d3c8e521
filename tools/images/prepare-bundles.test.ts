import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { repository } from '#local/stack/state.ts';
import { makeTestFolder, removeTestFolder } from '../../test/support/test-folder.ts';
import { deployables, stampFiles } from './prepare-bundles.ts';

const folder = makeTestFolder('bundle');
afterAll(() => removeTestFolder(folder));

it('the Dockerfile has exactly one target for each deployable, with its description', () => {
  const stages = readFileSync(join(repository, 'Dockerfile'), 'utf8')
    .split(/^FROM /m)
    .slice(2);
  const found = stages.map((stage) => ({
    name: /^\S+ AS (\S+)/.exec(stage)?.[1],
    description: /image\.description="([^"]+)"/.exec(stage)?.[1],
  }));
  expect(found).toEqual(deployables);
});

it('stampFiles gives a folder and everything in it the same modification time', () => {
  const paths = ['', 'backend', 'backend/main.mjs', 'backend/static', 'backend/static/page.html'];
  mkdirSync(join(folder, 'backend', 'static'), { recursive: true });
  for (const path of paths.filter((name) => name.includes('.'))) writeFileSync(join(folder, path), '');
  stampFiles(folder, 1_700_000_000);
  expect(paths.map((path) => statSync(join(folder, path)).mtimeMs)).toEqual(paths.map(() => 1_700_000_000_000));
});
