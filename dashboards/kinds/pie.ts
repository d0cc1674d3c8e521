import * as common from '@grafana/grafana-foundation-sdk/common';
import * as piechart from '@grafana/grafana-foundation-sdk/piechart';
import { buildTargets, DATASOURCE, type Query } from './query.ts';
import { lastValue } from './reduce.ts';
import { buildTile, type Onward, type PanelText, type Tile } from './tile.ts';

export interface PieSpec extends PanelText {
  readonly query: Query;
  readonly whenEmpty: string;
  readonly onward?: Onward;
}

/** The parts of a whole, now. */
export function buildPie(spec: PieSpec): Tile {
  const panel = new piechart.PanelBuilder()
    .title(spec.title)
    .description(spec.description)
    .unit(spec.unit)
    .datasource(DATASOURCE)
    .targets(buildTargets([spec.query], 'instant'))
    .noValue(spec.whenEmpty)
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
