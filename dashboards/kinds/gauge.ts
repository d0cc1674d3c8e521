import { PanelBuilder } from '@grafana/grafana-foundation-sdk/gauge';
import { buildTargets, DATASOURCE, lastValue, type Query } from './query.ts';
import { buildThresholds, type Step, successSteps } from './thresholds.ts';
import { buildTile, type PanelText, type Tile } from './tile.ts';

interface GaugeSpec extends PanelText {
  readonly query: Query;
  /** End of the scale, which starts at 0. */
  readonly max: number;
  readonly steps: readonly Step[];
  readonly decimals?: number;
  readonly whenEmpty: string;
}

/** Builds a panel with one value on a scale with a known end. */
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

/** Builds a gauge of a success rate, from 0 to 100 %. */
export function buildSuccessGauge(spec: Omit<GaugeSpec, 'unit' | 'max' | 'steps' | 'decimals'>): Tile {
  return buildGauge({ ...spec, unit: 'percentunit', max: 1, steps: successSteps });
}
