import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import type { Resource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  AggregationType,
  InstrumentType,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import type { TelemetrySettings } from './environment.ts';

/** Beyond its own limit the SDK counts under `otel.metric.overflow` without a word. label-sets.ts has limited the label sets before. */
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/**
 * With cumulative temporality the SDK reports each value that a gauge ever observed for ever; with delta temporality only the
 * current ones. On the wire gauges have no temporality, so nothing else changes.
 */
function forgetGauges(instrument: InstrumentType): AggregationTemporality {
  const isGauge = instrument === InstrumentType.OBSERVABLE_GAUGE;
  return isGauge ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE;
}

class Exporter extends OTLPMetricExporter {
  override selectAggregationTemporality(instrument: InstrumentType): AggregationTemporality {
    const asked = super.selectAggregationTemporality(instrument);
    return asked === AggregationTemporality.CUMULATIVE ? forgetGauges(instrument) : asked;
  }
}

/** Sends metrics by OTLP at regular intervals. */
export function startOtlpMetrics(resource: Resource, settings: TelemetrySettings): MeterProvider {
  const { exponentialHistograms, exportIntervalMillis, exportTimeoutMillis } = settings;
  const exporter = new Exporter({
    aggregationPreference: (instrument) => ({
      type:
        exponentialHistograms && instrument === InstrumentType.HISTOGRAM
          ? AggregationType.EXPONENTIAL_HISTOGRAM
          : AggregationType.DEFAULT,
    }),
  });
  const cardinalityLimits = { default: NO_LIMIT };
  const times = { exportIntervalMillis, exportTimeoutMillis };
  const reader = new PeriodicExportingMetricReader({ exporter, cardinalityLimits, ...times });
  return new MeterProvider({ resource, readers: [reader] });
}
