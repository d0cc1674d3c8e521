import { defineConfig } from 'vitest/config';

/** How long `expect.poll` asks: what is awaited comes in its own time, however busy the machine. */
const expect = { poll: { timeout: 15_000 } };
/** Tests on real parts run one file at a time: they share this machine's cores, and some measure time. */
const onRealParts = { fileParallelism: false, testTimeout: 60_000, hookTimeout: 120_000, expect };

/** Where a copy of the chart kube-prometheus-stack is, with its dependencies in charts/; nothing here downloads it. */
const stackChart = process.env.KPS_CHART;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            '{base,catalogue,controller,dashboards,kit,local,platform,services,tools,trading}/**/*.test.ts',
            'test/*.test.ts',
            'test/support/*.test.ts',
          ],
          // Property tests count cases, not seconds: a loaded machine may take its time.
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
        // Needs a cluster: `make e2e`, not `make test`.
        test: {
          name: 'cluster',
          include: ['test/cluster/**/*.test.ts'],
          ...onRealParts,
          testTimeout: 600_000,
          hookTimeout: 900_000,
          sequence: { groupOrder: 5 },
        },
      },
    ],
  },
});
