import * as common from '@grafana/grafana-foundation-sdk/common';
import * as xychart from '@grafana/grafana-foundation-sdk/xychart';
import { buildTargets, DATASOURCE } from './query.ts';
import { joinQueries, type MeasuredColumn, pickColumns, showMeasure, valueColumn } from './table.ts';
import { palette } from './thresholds.ts';
import { buildTile, type PanelText, type Tile } from './tile.ts';

interface ScatterSpec extends Omit<PanelText, 'unit'> {
  /** The label that has one dot for each of its values, and the label's heading in the tooltip. */
  readonly dots: { readonly label: string; readonly heading: string };
  readonly x: MeasuredColumn;
  readonly y: MeasuredColumn;
  readonly whenEmpty: string;
}

/**
 * Builds a panel with a dot for each value of a label, placed by two measures. The chart takes the first column of numbers as x
 * and the second as y, so the two queries are joined into one table without times.
 */
export function buildScatter(spec: ScatterSpec): Tile {
  const axes = [spec.x, spec.y];
  const queries = axes.map(({ query }) => query);
  const columns = axes.map(({ heading }, index) => [valueColumn(index, 2), heading]);
  const panel = new xychart.PanelBuilder()
    .title(spec.title)
    .description(spec.description)
    .unit(spec.y.unit)
    .datasource(DATASOURCE)
    .targets(buildTargets(queries, 'table'))
    .noValue(spec.whenEmpty)
    .transformations([
      ...joinQueries(spec.dots.label, 2),
      pickColumns({ ...Object.fromEntries(columns), [spec.dots.label]: spec.dots.heading }, 2),
    ])
    .mapping(xychart.SeriesMapping.Auto)
    .show(xychart.XYShowMode.Points)
    .pointSize({ fixed: 8 })
    .legend(new common.VizLegendOptionsBuilder().showLegend(false).displayMode(common.LegendDisplayMode.Hidden))
    .tooltip(new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Single));
  for (const axis of axes) {
    panel.overrideByName(axis.heading, [
      ...showMeasure(axis),
      { id: 'min', value: 0 },
      { id: 'custom.axisLabel', value: axis.heading },
      { id: 'color', value: { mode: 'fixed', fixedColor: palette.amount } },
    ]);
  }
  return buildTile(panel.build(), queries);
}
