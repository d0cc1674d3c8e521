/** `make pictures`: draws the committed dashboards with the data of a live Prometheus, for the pages of docs/. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { type DashboardName, dashboardNames } from '#catalogue/dashboards.ts';
import type { RenderedDashboard } from '#dashboards/rendered-dashboard.ts';
import { repository } from '#local/stack/state.ts';
import { buildPage, heightOf, sizeOf, WIDTH } from './build-page.ts';
import { drawPanel } from './draw/draw-panel.ts';
import { printPage } from './print-page.ts';
import { readPanel, type Window } from './read-panel.ts';

const STEP = 15;

async function drawDashboard(name: DashboardName, prometheus: string, window: Window, folder: string): Promise<void> {
  const file = join(repository, 'dashboards', 'rendered', `${name}.json`);
  const dashboard = JSON.parse(readFileSync(file, 'utf8')) as RenderedDashboard;
  const drawn = new Map<number, string>();
  for (const panel of dashboard.panels.filter(({ type }) => type !== 'row'))
    drawn.set(panel.id, await drawPanel(panel, await readPanel(prometheus, panel, window), sizeOf(panel), window));
  const size = { width: WIDTH, height: heightOf(dashboard) };
  const bytes = await printPage(buildPage(dashboard, drawn), size, join(folder, `${name}.png`));
  const empty = [...drawn.values()].filter((html) => html.startsWith('<div class="nothing">')).length;
  console.log(`${name.padEnd(16)} ${drawn.size} panels, ${empty} without data, ${Math.round(bytes / 1e3)} kB`);
}

const program = new Command('pictures')
  .description('Draws every dashboard into docs/pictures.')
  .option('--prometheus <url>', 'Prometheus of a running platform', 'http://127.0.0.1:9090')
  .option('--minutes <number>', 'length of the time range', Number, 15)
  .option('--to <time>', 'end of the time range, such as 2026-01-31T12:00:00Z; by default now')
  .option('--folder <path>', 'folder to write the pictures to', join(repository, 'docs', 'pictures'))
  .argument('[names...]', 'names of dashboards; by default all')
  .parse();
const options = program.opts<{ prometheus: string; minutes: number; to?: string; folder: string }>();
const { prometheus, minutes, folder } = options;
const end = options.to ? Date.parse(options.to) : Date.now();
const to = Math.floor(end / 1_000 / STEP) * STEP;
mkdirSync(folder, { recursive: true });
for (const name of program.args.length > 0 ? (program.args as DashboardName[]) : dashboardNames)
  await drawDashboard(name, prometheus, { from: to - minutes * 60, to, step: STEP }, folder);
