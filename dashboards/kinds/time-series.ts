import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { type Colour, palette } from './palette.ts';
import { buildTargets, DATASOURCE, type Query } from './query.ts';
import { buildThresholds } from './thresholds.ts';
import { buildTile, type Onward, type PanelText, type Tile } from './tile.ts';

export interface TimeSeriesSpec extends PanelText {
  readonly queries: readonly Query[];
  /** Amounts that add up to a whole. */
  readonly stacked?: true;
  /** Values below 0 are possible, or far above it and close together: the axis does not start there. */
  readonly free?: true;
  /** Asks over long windows that slide slowly: fewer points are enough, and every point costs. */
  readonly coarse?: true;
  /** Objective or limit in the panel's unit, drawn as a dashed line. */
  readonly limit?: number;
  /** Top of the axis, where the unit has one. */
  readonly max?: number;
  /** Colour of the series whose name matches. */
  readonly colours?: Readonly<Record<string, Colour>>;
  readonly whenEmpty: string;
  readonly onward?: Onward;
}

const COARSE_POINTS = 60;

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
    // A gap is a gap: joining over it would draw values that nobody measured.
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
