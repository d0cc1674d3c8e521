import type { DataFrame, Field } from '@grafana/data';
import { valuesOf } from '../build-frames.ts';
import { theme } from '../grafana.ts';
import type { Window } from '../read-panel.ts';
import { colorOfSeries, listTicks, nameOf, reduce, type Size, showText } from './shown.ts';

const LEGEND_ROW = 21;
const LEGEND_SHARE = 0.42;
const BOTTOM = 22;
const calculations = { mean: 'Mean', max: 'Max', lastNotNull: 'Last *' };
type Points = readonly (number | null)[];

interface Custom {
  readonly fillOpacity?: number;
  readonly lineWidth?: number;
  readonly stacking?: { readonly mode: string };
  readonly thresholdsStyle?: { readonly mode: string };
}

/** Draws lines or stacked areas with thresholds as dashed lines, and below them a table of means, maxima and last values. */
export function drawTimeSeries(frames: readonly DataFrame[], { width, height }: Size, window: Window): string {
  const fields = frames.map(valuesOf);
  const rows = Math.min(fields.length, Math.max(1, Math.floor((height * LEGEND_SHARE) / LEGEND_ROW) - 1));
  const chart = drawLines(fields, { width, height: height - (rows + 1) * LEGEND_ROW - 4 }, window);
  return chart + drawLegend(fields, rows);
}

function drawLegend(fields: readonly Field[], rows: number): string {
  const more = fields.length - rows;
  const head = `<tr><th>Name${more > 0 ? ` <i>(${more} more)</i>` : ''}</th>${Object.values(calculations)
    .map((name) => `<th>${name}</th>`)
    .join('')}</tr>`;
  const body = fields.slice(0, rows).map((field) => {
    const values = Object.keys(calculations).map((name) => `<td>${showText(field, reduce(field, name))}</td>`);
    return `<tr><td><b style="background:${colorOfSeries(field)}"></b>${nameOf(field)}</td>${values.join('')}</tr>`;
  });
  return `<table class="legend">${head}${body.join('')}</table>`;
}

function drawLines(fields: readonly Field[], { width, height }: Size, window: Window): string {
  const [first] = fields as [Field, ...Field[]];
  const { stacking, thresholdsStyle } = first.config.custom as Custom;
  const isStacked = stacking?.mode === 'normal';
  const points: Points[] = fields.map(({ values }) => values);
  const tops = isStacked ? stack(points) : points;
  const thresholds = thresholdsStyle ? listThresholds(first) : [];
  const [low, high] = findRange(first, tops, thresholds);
  const ticks = listTicks(first, [low, high], Math.max(2, height / 45));
  const labels = ticks.map((tick) => showText(first, tick));
  const left = 14 + 6.2 * Math.max(...labels.map((label) => label.length));
  const x = (index: number) => left + (index / Math.max(1, points[0]!.length - 1)) * (width - left - 6);
  const y = (value: number) => 6 + (1 - (value - low) / (high - low || 1)) * (height - BOTTOM - 6);
  const grid = ticks.map(
    (tick, index) =>
      `<line x1="${left}" x2="${width}" y1="${y(tick)}" y2="${y(tick)}" class="grid"/><text x="${left - 6}" y="${y(tick) + 4}" text-anchor="end">${labels[index]}</text>`,
  );
  const dashes = thresholds.map(
    ({ value, color }) =>
      `<line x1="${left}" x2="${width}" y1="${y(value)}" y2="${y(value)}" stroke="${color}" stroke-dasharray="8 6"/>`,
  );
  const lines = fields.map((field, index) => {
    const below = isStacked && index > 0 ? tops[index - 1]! : undefined;
    return drawLine(field, tops[index]!, below, { x, y, floor: y(Math.max(low, 0)) });
  });
  return `<svg width="${width}" height="${height}">${grid.join('')}${drawTimes(window, { x, height, width })}${lines.reverse().join('')}${dashes.join('')}</svg>`;
}

function stack(points: readonly Points[]): Points[] {
  const sums: number[] = points[0]!.map(() => 0);
  return points.map((values) => values.map((value, index) => (sums[index] = (sums[index] ?? 0) + (value ?? 0))));
}

function listThresholds(field: Field): { value: number; color: string }[] {
  const steps = (field.config.thresholds?.steps ?? []).filter(({ value }) => Number.isFinite(value));
  return steps.map(({ value, color }) => ({ value, color: theme.visualization.getColorByName(color) }));
}

function findRange(
  { config }: Field,
  tops: readonly Points[],
  thresholds: readonly { value: number }[],
): [number, number] {
  const values = [...tops.flat().filter((value) => value !== null), ...thresholds.map(({ value }) => value)];
  const low = config.min ?? Math.min(...values);
  const high = config.max ?? Math.max(...values, low);
  return high > low ? [low, high + (config.max === undefined ? (high - low) * 0.05 : 0)] : [low, low + 1];
}

interface Place {
  readonly x: (index: number) => number;
  readonly y: (value: number) => number;
  readonly floor: number;
}

function drawLine(field: Field, tops: Points, below: Points | undefined, { x, y, floor }: Place): string {
  const { fillOpacity = 0, lineWidth = 1 } = field.config.custom as Custom;
  const color = colorOfSeries(field);
  const at = (index: number, value: number) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`;
  return splitAtGaps(tops)
    .map((run) => {
      const line = run.map((index) => at(index, tops[index]!));
      const back = run
        .toReversed()
        .map((index) => (below ? at(index, below[index] ?? 0) : `${x(index).toFixed(1)},${floor}`));
      const area = `<polygon points="${[...line, ...back].join(' ')}" fill="${color}" opacity="${fillOpacity / 100}"/>`;
      // a single point between gaps has no line, so it is drawn as a dot
      if (run.length === 1) return `<circle cx="${x(run[0]!)}" cy="${y(tops[run[0]!]!)}" r="2" fill="${color}"/>`;
      return `${area}<polyline points="${line.join(' ')}" fill="none" stroke="${color}" stroke-width="${lineWidth}"/>`;
    })
    .join('');
}

/** Splits a series at its gaps. Returns the indices of the points, one list for each run of points without a gap. */
function splitAtGaps(values: Points): number[][] {
  const runs: number[][] = [[]];
  for (const [index, value] of values.entries())
    if (value === null) runs.push([]);
    else runs.at(-1)!.push(index);
  return runs.filter((run) => run.length > 0);
}

/** Draws the time axis: a line and a time every few minutes. */
export function drawTimes(
  { from, to, step }: Window,
  { x, height, width }: Size & { x: (index: number) => number },
): string {
  const every = [60, 120, 300, 600, 1_800, 3_600].find((seconds) => ((to - from) / seconds) * 52 < width) ?? 7_200;
  const first = Math.ceil(from / every) * every;
  return Array.from({ length: Math.floor((to - first) / every) + 1 }, (_, index) => first + index * every)
    .map((time) => {
      const at = x((time - from) / step);
      const clock = new Date(time * 1_000).toISOString().slice(11, 16);
      return `<line x1="${at}" x2="${at}" y1="6" y2="${height - BOTTOM}" class="grid"/><text x="${at}" y="${height - 5}" text-anchor="middle">${clock}</text>`;
    })
    .join('');
}
