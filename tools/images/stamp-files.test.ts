import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeTestFolder, removeTestFolder } from '../../test/support/test-folder.ts';
import { stampFiles } from './stamp-files.ts';

const folder = makeTestFolder('bundle');
afterAll(() => removeTestFolder(folder));

it('gives every file and folder the same time', () => {
  const paths = ['', 'backend', 'backend/main.mjs', 'backend/static', 'backend/static/page.html'];
  mkdirSync(join(folder, 'backend', 'static'), { recursive: true });
  for (const path of paths.filter((name) => name.includes('.'))) writeFileSync(join(folder, path), '');
  stampFiles(folder, 1_700_000_000);
  expect(paths.map((path) => statSync(join(folder, path)).mtimeMs)).toEqual(paths.map(() => 1_700_000_000_000));
});
