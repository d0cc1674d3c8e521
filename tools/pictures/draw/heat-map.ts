import type { DataFrame } from '@grafana/data';
import { valuesOf } from '../build-frames.ts';
import { grafana, theme } from '../grafana.ts';
import type { Line, Window } from '../read-panel.ts';
import { countSteps } from '../read-panel.ts';
import type { Size } from './shown.ts';
import { drawTimes } from './time-series.ts';

const LEFT = 60;
const BOTTOM = 22;
/** Cells with at most this count are drawn as empty, as Grafana's heat map does by default. */
const NOTHING = 1e-9;
/** Grafana's colour scheme Blues in the dark theme, from few to many. */
const shades = ['#08306b', '#08519c', '#2171b5', '#4292c6', '#6baed6', '#9ecae1', '#c6dbef', '#deebf7'];

/** Draws a row for each bucket and a cell for each step of the window; the brighter a cell, the more observations it has. */
export function drawHeatMap(
  frames: readonly DataFrame[],
  lines: readonly Line[],
  { width, height }: Size,
  window: Window,
): string {
  const buckets = listBuckets(lines);
  const most = Math.max(...buckets.flatMap(({ counts }) => counts));
  const steps = countSteps(window);
  const [w, h] = [(width - LEFT - 6) / steps, (height - BOTTOM - 6) / buckets.length];
  const cells = buckets.flatMap(({ counts }, row) =>
    counts.map((count, index) => {
      if (count <= NOTHING) return '';
      const shade = shades[Math.min(shades.length - 1, Math.floor(Math.sqrt(count / most) * shades.length))];
      return `<rect x="${(LEFT + index * w).toFixed(1)}" y="${(6 + (buckets.length - 1 - row) * h).toFixed(1)}" width="${Math.max(1, w - 1).toFixed(1)}" height="${(h - 1).toFixed(1)}" fill="${shade}"/>`;
    }),
  );
  const every = Math.ceil(16 / h);
  const field = valuesOf(frames[0]!);
  const labels = buckets.map(({ le }, row) =>
    row % every === 0
      ? `<text x="${LEFT - 6}" y="${6 + (buckets.length - 1 - row) * h + 10}" text-anchor="end">${le === Number.POSITIVE_INFINITY ? '+Inf' : grafana.formattedValueToString(field.display!(le))}</text>`
      : '',
  );
  const x = (index: number) => LEFT + index * w;
  return `<svg width="${width}" height="${height}"><rect x="${LEFT}" y="6" width="${width - LEFT - 6}" height="${height - BOTTOM - 6}" fill="${theme.colors.background.primary}"/>${drawTimes(window, { x, height, width })}${cells.join('')}${labels.join('')}</svg>`;
}

interface Bucket {
  readonly le: number;
  readonly counts: readonly number[];
}

/**
 * Lists the buckets in ascending order, from the first bucket with an observation to the last one with an observation.
 */
function listBuckets(lines: readonly Line[]): Bucket[] {
  const buckets = splitBuckets(lines).map((line) => ({
    le: boundOf(line),
    counts: line.values.map((value) => value ?? 0),
  }));
  const used = buckets.map(({ counts }) => counts.some((count) => count > NOTHING));
  return buckets.slice(Math.max(0, used.indexOf(true)), used.lastIndexOf(true) + 1);
}

/**
 * Turns cumulative buckets, which include all lower ones, into buckets that count only their own observations, lowest
 * first, as Grafana's data source does.
 */
export function splitBuckets(lines: readonly Line[]): Line[] {
  const sorted = lines.toSorted((one, other) => boundOf(one) - boundOf(other));
  return sorted.map((line, row) => ({
    ...line,
    values: line.values.map((value, index) =>
      value === null ? null : Math.max(0, value - (sorted[row - 1]?.values[index] ?? 0)),
    ),
  }));
}

/** Returns the upper bound of a bucket. */
function boundOf({ labels }: Line): number {
  return labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le);
}
