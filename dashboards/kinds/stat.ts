import * as common from '@grafana/grafana-foundation-sdk/common';
import type * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { buildTargets, DATASOURCE, lastValue, type Query } from './query.ts';
import { buildThresholds, type Step } from './thresholds.ts';
import { buildTile, type Onward, type PanelText, type Tile } from './tile.ts';

interface StatSpec extends PanelText {
  readonly queries: readonly Query[];
  readonly steps: readonly Step[];
  readonly decimals?: number;
  /** Text that is shown while the query has no result. */
  readonly whenEmpty: string;
  readonly mappings?: dashboard.ValueMapping[];
  /**
   * If set, draws a coloured tile with a graph of the history. If absent, only the newest value is queried and shown, as a
   * coloured number.
   */
  readonly history?: true;
  readonly onward?: Onward;
}

/** Builds a panel with the newest value of each query in large digits. */
export function buildStat(spec: StatSpec): Tile {
  const panel = new PanelBuilder()
    .title(spec.title)
    .description(spec.description)
    .unit(spec.unit)
    .datasource(DATASOURCE)
    .targets(buildTargets(spec.queries, spec.history ? 'range' : 'instant'))
    .thresholds(buildThresholds(spec.steps))
    .mappings(spec.mappings ?? [])
    .noValue(spec.whenEmpty)
    .reduceOptions(lastValue())
    .graphMode(spec.history ? common.BigValueGraphMode.Area : common.BigValueGraphMode.None)
    .colorMode(spec.history ? common.BigValueColorMode.Background : common.BigValueColorMode.Value)
    .textMode(spec.queries.length > 1 ? common.BigValueTextMode.ValueAndName : common.BigValueTextMode.Value)
    .orientation(spec.queries.length > 1 ? common.VizOrientation.Vertical : common.VizOrientation.Auto)
    .justifyMode(common.BigValueJustifyMode.Center);
  if (spec.decimals !== undefined) panel.decimals(spec.decimals);
  return buildTile(panel.build(), spec.queries, spec.onward);
}
