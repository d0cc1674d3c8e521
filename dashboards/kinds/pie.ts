import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as piechart from '@grafana/grafana-foundation-sdk/piechart';
import { buildTargets, DATASOURCE, lastValue, type Query } from './query.ts';
import { buildTile, type Onward, type PanelText, type Tile } from './tile.ts';

interface PieSpec extends PanelText {
  readonly query: Query;
  readonly whenEmpty: string;
  readonly onward?: Onward;
}

/** Builds a panel with the newest values of all series as parts of a whole. */
export function buildPie(spec: PieSpec): Tile {
  const panel = new piechart.PanelBuilder()
    .title(spec.title)
    .description(spec.description)
    .unit(spec.unit)
    .datasource(DATASOURCE)
    .targets(buildTargets([spec.query], 'instant'))
    .noValue(spec.whenEmpty)
    // Colours follow the names of series, so that a series has the same colour here and in panels over time
    .colorScheme(new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.PaletteClassicByName))
    .pieType(piechart.PieChartType.Donut)
    .displayLabels([piechart.PieChartLabels.Percent])
    .reduceOptions(lastValue())
    .legend(
      new piechart.PieChartLegendOptionsBuilder()
        .displayMode(common.LegendDisplayMode.Table)
        .placement(common.LegendPlacement.Right)
        .showLegend(true)
        .values([piechart.PieChartLegendValues.Value, piechart.PieChartLegendValues.Percent]),
    );
  return buildTile(panel.build(), [spec.query], spec.onward);
}
