import type { DataFrame } from '@grafana/data';
import type { RenderedPanel } from '#dashboards/rendered-dashboard.ts';
import { buildSeriesFrames, buildTableFrames } from '../build-frames.ts';
import type { Line, Window } from '../read-panel.ts';
import { drawHeatMap, splitBuckets } from './heat-map.ts';
import { type Size, sayNothing } from './shown.ts';
import { drawBarGauge, drawGauge, drawPieChart, drawStat } from './single-values.ts';
import { drawDots, drawTable } from './tables.ts';
import { drawTimeSeries } from './time-series.ts';

const tabular = new Set(['table', 'xychart']);

/**
 * Draws what a panel shows, as HTML.
 * @throws Error if there is no drawing for the panel's type
 */
export async function drawPanel(
  panel: RenderedPanel,
  lines: readonly Line[],
  size: Size,
  window: Window,
): Promise<string> {
  const isTable = tabular.has(panel.type);
  const isInstant = panel.targets?.some((target) => (target as { instant?: boolean }).instant);
  const seen = lines.filter(({ values }) =>
    isInstant ? values.at(-1) !== null : values.some((value) => value !== null),
  );
  if (seen.length === 0) return sayNothing(panel.fieldConfig?.defaults.noValue ?? 'No data');
  const shown = panel.type === 'bargauge' && isHistogram(panel) ? splitBuckets(seen) : seen;
  const frames = await (isTable ? buildTableFrames(panel, shown, window) : buildSeriesFrames(panel, shown, window));
  return drawFrames(panel, frames, shown, size, window);
}

function drawFrames(
  panel: RenderedPanel,
  frames: readonly DataFrame[],
  lines: readonly Line[],
  size: Size,
  window: Window,
): string {
  const options = (panel.options ?? {}) as Readonly<Record<string, unknown>>;
  switch (panel.type) {
    case 'timeseries':
      return drawTimeSeries(frames, size, window);
    case 'stat':
      return drawStat(frames, size, options);
    case 'gauge':
      return drawGauge(frames, size);
    case 'bargauge':
      return drawBarGauge(frames, size, options);
    case 'piechart':
      return drawPieChart(frames, size);
    case 'heatmap':
      return drawHeatMap(frames, lines, size, window);
    case 'table':
      return drawTable(frames, size, options);
    case 'xychart':
      return drawDots(frames, size);
    default:
      throw new Error(`panel ${panel.title}: cannot draw the type ${panel.type}; add it to drawFrames`);
  }
}

function isHistogram({ targets = [] }: RenderedPanel): boolean {
  return targets.some(({ format }) => format === 'heatmap');
}
