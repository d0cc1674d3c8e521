import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/**
 * Only tsconfig.json lists the folders with sources. Tests beside the sources need no server; the tests in test/ are split into projects
 * below.
 */
const { include } = JSON.parse(readFileSync(join(import.meta.dirname, 'tsconfig.json'), 'utf8')) as {
  include: string[];
};
const sourceFolders = include.filter((entry) => entry !== 'test' && !entry.endsWith('.ts'));

/** Time after which `expect.poll` gives up, in milliseconds. It is long enough for a busy machine. */
const expect = { poll: { timeout: 15_000 } };
/** Tests on real servers run one file at a time, because they share this machine's cores and some measure time. */
const onRealParts = { fileParallelism: false, testTimeout: 60_000, hookTimeout: 120_000, expect };

/**
 * Folder of the chart kube-prometheus-stack, with its dependencies in charts/. Not downloaded: if KPS_CHART is not set, tests of that chart
 * are left out.
 */
const stackChart = process.env.KPS_CHART;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            ...sourceFolders.map((folder) => `${folder}/**/*.test.ts`),
            'test/*.test.ts',
            'test/support/*.test.ts',
          ],
          // Property tests run a fixed number of cases, which takes longer on a loaded machine.
          testTimeout: 30_000,
          expect,
          sequence: { groupOrder: 0 },
        },
      },
      { test: { name: 'rules', include: ['test/rules/**/*.test.ts'], ...onRealParts, sequence: { groupOrder: 1 } } },
      {
        test: {
          name: 'operator',
          include: ['test/operator/**/*.test.ts'],
          globalSetup: 'test/support/setup-operator.ts',
          ...onRealParts,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'charts',
          include: ['test/charts/*.test.ts', ...(stackChart ? ['test/charts/stack/*.test.ts'] : [])],
          globalSetup: 'test/support/setup-operator.ts',
          ...onRealParts,
          sequence: { groupOrder: 5 },
        },
      },
      {
        test: {
          name: 'services',
          include: ['test/services/**/*.test.ts'],
          globalSetup: 'test/support/setup-services.ts',
          ...onRealParts,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          name: 'stack',
          include: ['test/stack/**/*.test.ts'],
          ...onRealParts,
          testTimeout: 300_000,
          hookTimeout: 1_800_000,
          sequence: { groupOrder: 4 },
        },
      },
      {
        test: {
          name: 'documents',
          include: ['test/documents/**/*.test.ts'],
          ...onRealParts,
          sequence: { groupOrder: 6 },
        },
      },
      {
        // These tests need a cluster. `make e2e` runs them, `make test` does not.
        test: {
          name: 'cluster',
          include: ['test/cluster/**/*.test.ts'],
          ...onRealParts,
          testTimeout: 600_000,
          hookTimeout: 900_000,
          sequence: { groupOrder: 7 },
        },
      },
    ],
  },
});
