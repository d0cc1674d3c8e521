import * as common from '@grafana/grafana-foundation-sdk/common';
import * as heatmap from '@grafana/grafana-foundation-sdk/heatmap';
import { buildTargets, DATASOURCE, type Query } from './query.ts';
import { buildTile, type PanelText, type Tile } from './tile.ts';

interface HeatmapSpec extends PanelText {
  readonly query: Query;
  /**
   * Unit of the values in the cells, which show how often a value of the axis was observed. The field `unit` of
   * PanelText is the unit of the axis, which shows how long or how large the observed value is.
   */
  readonly cellUnit: string;
  readonly whenEmpty: string;
}

/** Builds a panel with the distribution of a histogram's observations over time. */
export function buildHeatmap(spec: HeatmapSpec): Tile {
  const panel = new heatmap.PanelBuilder()
    .title(spec.title)
    .description(spec.description)
    .unit(spec.unit)
    .datasource(DATASOURCE)
    .targets(buildTargets([spec.query], 'heatmap'))
    .noValue(spec.whenEmpty)
    .calculate(false)
    .color(colourScale())
    .rowsFrame(new heatmap.RowsHeatmapOptionsBuilder().layout(common.HeatmapCellLayout.Auto))
    .cellValues(new heatmap.CellValuesBuilder().unit(spec.cellUnit))
    .yAxis(new heatmap.YAxisConfigBuilder().unit(spec.unit).axisPlacement(common.AxisPlacement.Left))
    .tooltip(
      new heatmap.HeatmapTooltipBuilder().mode(common.TooltipDisplayMode.Single).yHistogram(true).showColorScale(true),
    )
    .showValue(common.VisibilityMode.Never)
    .cellGap(1)
    .showLegend();
  return buildTile(panel.build(), [spec.query]);
}

function colourScale(): heatmap.HeatmapColorOptionsBuilder {
  return new heatmap.HeatmapColorOptionsBuilder()
    .mode(heatmap.HeatmapColorMode.Scheme)
    .scheme('Blues')
    .fill('dark-blue')
    .scale(heatmap.HeatmapColorScale.Exponential)
    .exponent(0.5)
    .steps(64)
    .reverse(false);
}
