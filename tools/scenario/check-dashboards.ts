/**
 * `make dashboards-check`: runs the standard scenario on a stack of its own, then sends every query of every dashboard to its
 * Prometheus, over the time of the scenario, and looks for every metric of the catalogue. With PICTURES=1 it also draws the
 * dashboards. Exit code 1 if a panel lacks a description or a unit, a query has no data, a metric is not emitted, or the status
 * of a declared pipeline lacks the figures of its objective.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type DashboardName, dashboardNames } from '#catalogue/dashboards.ts';
import { metricNames } from '#catalogue/metrics.ts';
import { buildDashboard } from '#dashboards/index.ts';
import type { RenderedDashboard, RenderedPanel } from '#dashboards/rendered-dashboard.ts';
import { openVariables } from '#dashboards/variables.ts';
import { runCommand } from '#local/provision/run-command.ts';
import { repository } from '#local/stack/state.ts';
import { queryRange, type Range } from '../observe/monitoring.ts';
import { planStack } from '../observe/stack-under-test.ts';
import { checkPromises } from './check-promises.ts';
import { findSilentMetrics, type SilentMetric } from './find-silent-metrics.ts';
import { runScenario } from './standard-scenario.ts';

interface Asked {
  readonly dashboard: DashboardName;
  readonly title: string;
  readonly expr: string;
  readonly hasData: boolean;
}

const started = performance.now();
const say = (text: string) =>
  console.log(`[${((performance.now() - started) / 1_000).toFixed(0).padStart(4)} s] ${text}`);

const folder = join(repository, '.local', `dashboards-check-${process.pid}`);
const stack = await planStack(folder);
const removeStack = async () => {
  await stack.run('clean');
  rmSync(folder, { recursive: true, force: true });
};
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => void removeStack().then(() => process.exit(130)));
try {
  say('starting a stack');
  const { code, output } = await stack.run('up');
  if (code !== 0) throw new Error(output);
  const from = Date.now() / 1_000;
  await runScenario(stack, say);
  if (process.env.PICTURES) await drawPictures(stack.at().prometheus);
  const range = { from, to: Date.now() / 1_000, step: 15 };
  const asked = await askAll(stack.at().prometheus, range);
  const silent = await findSilentMetrics(stack.at().prometheus, range);
  const broken = await checkPromises(stack, say);
  for (const what of broken) console.log(what);
  process.exitCode = report(asked, silent) || Math.sign(broken.length);
} finally {
  await removeStack();
}

/** Runs `make pictures` with the data of this scenario. */
async function drawPictures(prometheus: string): Promise<void> {
  say('drawing the dashboards');
  await runCommand('make', ['pictures', `PROMETHEUS=${prometheus}`], { cwd: repository });
}

async function askAll(prometheus: string, range: Range): Promise<Asked[]> {
  const asked: Asked[] = [];
  for (const dashboard of dashboardNames) {
    for (const { title, targets = [] } of panelsOf(dashboard)) {
      for (const { expr } of targets) {
        const series = await queryRange(prometheus, openVariables(expr), range);
        const hasData = series.some(({ values }) => values.some(([, value]) => value !== 'NaN'));
        asked.push({ dashboard, title, expr, hasData });
      }
    }
  }
  return asked;
}

/** Prints what is missing, and a table of counts. Returns the exit code. */
function report(asked: readonly Asked[], silent: readonly SilentMetric[]): number {
  const panels = dashboardNames.flatMap((name) => panelsOf(name).filter(({ type }) => type !== 'row'));
  const values = panels.filter(({ targets = [] }) => targets.length > 0);
  const without = asked.filter(({ hasData }) => !hasData);
  const described = panels.filter(({ description }) => description).length;
  const united = values.filter(({ fieldConfig }) => fieldConfig?.defaults.unit).length;
  for (const { dashboard, title, expr } of without) console.log(`no data  ${dashboard}: ${title}\n         ${expr}`);
  for (const { metric, why } of silent) console.log(`silent   ${metric}: ${why}`);
  console.table({
    dashboards: dashboardNames.length,
    panels: panels.length,
    'with a description': described,
    'that show values': values.length,
    'with a unit': united,
    queries: asked.length,
    'with data': asked.length - without.length,
    'without data': without.length,
    metrics: metricNames.length,
    'emitted under load': metricNames.length - silent.length,
  });
  const complete = described === panels.length && united === values.length;
  return complete && without.length === 0 && silent.length === 0 ? 0 : 1;
}

function panelsOf(name: DashboardName): readonly RenderedPanel[] {
  return (buildDashboard(name, { services: [] }) as RenderedDashboard).panels;
}
