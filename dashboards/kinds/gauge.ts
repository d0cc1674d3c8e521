import { PanelBuilder } from '@grafana/grafana-foundation-sdk/gauge';
import { buildTargets, DATASOURCE, lastValue, type Query } from './query.ts';
import { buildThresholds, type Step, successSteps } from './thresholds.ts';
import { buildTile, type PanelText, type Tile } from './tile.ts';

export interface GaugeSpec extends PanelText {
  readonly query: Query;
  /** Where the scale ends; it starts at 0. */
  readonly max: number;
  readonly steps: readonly Step[];
  readonly decimals?: number;
  readonly whenEmpty: string;
}

/** One value on a scale whose end is known. */
export function buildGauge(spec: GaugeSpec): Tile {
  const panel = new PanelBuilder()
    .title(spec.title)
    .description(spec.description)
    .unit(spec.unit)
    .decimals(spec.decimals ?? 1)
    .min(0)
    .max(spec.max)
    .datasource(DATASOURCE)
    .targets(buildTargets([spec.query], 'instant'))
    .thresholds(buildThresholds(spec.steps))
    .noValue(spec.whenEmpty)
    .reduceOptions(lastValue())
    .showThresholdMarkers(true);
  return buildTile(panel.build(), [spec.query]);
}

/** A share of successes, 0 to 100 %. */
export function buildSuccessGauge(spec: Omit<GaugeSpec, 'unit' | 'max' | 'steps' | 'decimals'>): Tile {
  return buildGauge({ ...spec, unit: 'percentunit', max: 1, steps: successSteps });
}
