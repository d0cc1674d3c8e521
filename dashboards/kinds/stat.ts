import * as common from '@grafana/grafana-foundation-sdk/common';
import type * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { buildTargets, DATASOURCE, lastValue, type Query } from './query.ts';
import { buildThresholds, type Step } from './thresholds.ts';
import { buildTile, type Onward, type PanelText, type Tile } from './tile.ts';

export interface StatSpec extends PanelText {
  readonly queries: readonly Query[];
  readonly steps: readonly Step[];
  readonly decimals?: number;
  /** Shown instead of a number while there is none. */
  readonly whenEmpty: string;
  readonly mappings?: dashboard.ValueMapping[];
  /** A coloured tile with its history behind it; a coloured number at one moment when absent. */
  readonly history?: true;
  readonly onward?: Onward;
}

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
