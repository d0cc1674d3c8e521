import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import type { Expression } from '../queries/expression.ts';
import { buildTargets, DATASOURCE, type Query } from './query.ts';
import { buildThresholds, type Colour, palette } from './thresholds.ts';
import { buildTile, type Onward, type PanelText, type Tile } from './tile.ts';

interface TimeSeriesSpec extends PanelText {
  readonly queries: readonly Query[];
  /** If set, stacks the series: for amounts that add up to a whole. */
  readonly stacked?: true;
  /** If set, the axis may start above or below 0: for values that can be negative, or that vary little and far from 0. */
  readonly free?: true;
  /** If set, draws fewer points: for queries over long windows, which change slowly and cost a lot at every point. */
  readonly coarse?: true;
  /** Objective or limit, in the panel's unit: drawn as a dashed line. */
  readonly limit?: number;
  /** Top of the axis, for units that have a maximum. */
  readonly max?: number;
  /** Colours of series. A key is a regular expression in slashes (`/…/`); the colour applies to series whose name matches it. */
  readonly colours?: Readonly<Record<string, Colour>>;
  readonly whenEmpty: string;
  readonly onward?: Onward;
}

const COARSE_POINTS = 60;

/** Builds a panel of lines over time. */
export function buildTimeSeries(spec: TimeSeriesSpec): Tile {
  const panel = new PanelBuilder()
    .title(spec.title)
    .description(spec.description)
    .unit(spec.unit)
    .datasource(DATASOURCE)
    .targets(buildTargets(spec.queries, 'range'))
    .noValue(spec.whenEmpty)
    .legend(tableLegend())
    .tooltip(
      new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending),
    );
  if (!spec.free) panel.min(0);
  if (spec.max !== undefined) panel.max(spec.max);
  if (spec.coarse) panel.maxDataPoints(COARSE_POINTS);
  drawLines(panel, spec.stacked ?? false);
  drawLimit(panel, spec.limit);
  for (const [series, colour] of Object.entries(spec.colours ?? {})) {
    panel.overrideByRegexp(series, [{ id: 'color', value: { mode: 'fixed', fixedColor: colour } }]);
  }
  return buildTile(panel.build(), spec.queries, spec.onward);
}

interface QuantilesSpec extends Omit<TimeSeriesSpec, 'queries' | 'colours' | 'stacked'> {
  /** Expressions of P50, P95 and P99, in this order. */
  readonly of: readonly [Expression, Expression, Expression];
}

/** Builds a panel of the quantiles P50, P95 and P99. */
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

function tableLegend(): common.VizLegendOptionsBuilder {
  return new common.VizLegendOptionsBuilder()
    .displayMode(common.LegendDisplayMode.Table)
    .placement(common.LegendPlacement.Bottom)
    .showLegend(true)
    .calcs(['mean', 'max', 'lastNotNull']);
}

function drawLines(panel: PanelBuilder, stacked: boolean): void {
  panel
    .drawStyle(common.GraphDrawStyle.Line)
    .lineWidth(stacked ? 1 : 2)
    .fillOpacity(stacked ? 40 : 10)
    .gradientMode(common.GraphGradientMode.Opacity)
    .showPoints(common.VisibilityMode.Never)
    // A line across a gap would show values that nobody measured.
    .spanNulls(false)
    .colorScheme(new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.PaletteClassicByName));
  if (stacked) panel.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group('A'));
}

function drawLimit(panel: PanelBuilder, limit: number | undefined): void {
  if (limit === undefined) return;
  panel
    .thresholds(
      buildThresholds([
        { from: null, colour: palette.none },
        { from: limit, colour: palette.limit },
      ]),
    )
    .thresholdsStyle(new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed));
}
