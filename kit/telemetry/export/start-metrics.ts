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

/**
 * Switches off the SDK's own limit of label sets, beyond which the SDK silently counts observations under
 * `otel.metric.overflow`. label-sets.ts already limits the label sets.
 */
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/**
 * Returns delta temporality for gauges, and cumulative for all other instruments. With cumulative temporality the SDK
 * would report forever each label set that a gauge ever had; with delta temporality it reports only the current label
 * sets. Nothing else changes, because OTLP has no temporality for gauges.
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
