import { PanelBuilder } from '@grafana/grafana-foundation-sdk/bargauge';
import * as common from '@grafana/grafana-foundation-sdk/common';
import { buildTargets, DATASOURCE, lastValue, type Query } from './query.ts';
import { amountSteps, buildThresholds, type Step } from './thresholds.ts';
import { buildTile, type Onward, type PanelText, type Tile } from './tile.ts';

/** Grafana's unit for counts. It shows 1,634 where Grafana's unit `short` shows 2 K. */
const COUNT = 'locale';

interface BarsSpec extends PanelText {
  readonly query: Query;
  readonly steps: readonly Step[];
  /** Number of decimals. If absent, counts have none, and for other units Grafana chooses the number from the value. */
  readonly decimals?: number;
  /** Set if values can be negative, so that the scale does not start at 0. */
  readonly signed?: true;
  readonly whenEmpty: string;
  readonly onward?: Onward;
}

/** Builds a panel with a horizontal bar for the newest value of each series. */
export function buildBars(spec: BarsSpec): Tile {
  const panel = barPanel(spec)
    .targets(buildTargets([spec.query], 'instant'))
    .thresholds(buildThresholds(spec.steps))
    .orientation(common.VizOrientation.Horizontal)
    .namePlacement(common.BarGaugeNamePlacement.Left);
  const decimals = spec.decimals ?? (spec.unit === COUNT ? 0 : undefined);
  if (decimals !== undefined) panel.decimals(decimals);
  if (!spec.signed) panel.min(0);
  return buildTile(panel.build(), [spec.query], spec.onward);
}

/** Builds a panel with a vertical bar for the number of observations in each bucket of a histogram. */
export function buildHistogram(spec: Omit<BarsSpec, 'steps' | 'decimals' | 'signed' | 'onward'>): Tile {
  const panel = barPanel(spec)
    .min(0)
    .decimals(0)
    .targets(buildTargets([spec.query], 'histogram'))
    .thresholds(buildThresholds(amountSteps))
    .orientation(common.VizOrientation.Vertical);
  return buildTile(panel.build(), [spec.query]);
}

function barPanel({ title, description, unit, whenEmpty }: PanelText & { readonly whenEmpty: string }): PanelBuilder {
  return new PanelBuilder()
    .title(title)
    .description(description)
    .unit(unit)
    .datasource(DATASOURCE)
    .noValue(whenEmpty)
    .reduceOptions(lastValue())
    .displayMode(common.BarGaugeDisplayMode.Gradient)
    .valueMode(common.BarGaugeValueMode.Color)
    .showUnfilled(true);
}
