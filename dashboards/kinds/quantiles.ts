import type { Expression } from '../queries/expression.ts';
import { palette } from './palette.ts';
import type { Tile } from './tile.ts';
import { buildTimeSeries, type TimeSeriesSpec } from './time-series.ts';

export interface QuantilesSpec extends Omit<TimeSeriesSpec, 'queries' | 'colours' | 'stacked'> {
  /** The expressions of P50, P95 and P99. */
  readonly of: readonly [Expression, Expression, Expression];
}

/** How long or how much the usual case takes, and the rare ones. */
export function buildQuantiles({ of: [median, tail, extreme], ...spec }: QuantilesSpec): Tile {
  return buildTimeSeries({
    ...spec,
    queries: [
      { ask: median, legend: 'P50' },
      { ask: tail, legend: 'P95' },
      { ask: extreme, legend: 'P99' },
    ],
    colours: { '/^P50$/': palette.median, '/^P95$/': palette.tail, '/^P99$/': palette.extreme },
  });
}
