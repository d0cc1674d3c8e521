/** Signals from the generator, and their publication to Kafka. */
import { bucketRates, plus, quantile, rate, ratio, SUMMARY_WINDOW, total } from './expression.ts';

export const signalRate = rate('signals_generated_total', { by: ['signal_type', 'source'] });

export const signalRateByType = rate('signals_generated_total', { by: ['signal_type'] });
export const signalsByType = total('signals_generated_total', SUMMARY_WINDOW, { by: ['signal_type'] });
export const signalsBySource = total('signals_generated_total', SUMMARY_WINDOW, { by: ['source'] });

export const generationP95 = quantile(0.95, 'signal_generation_duration_seconds', { by: ['generator'] });

export const publishSuccessRatio = ratio(
  total('kafka_publish_success_total', SUMMARY_WINDOW),
  plus(total('kafka_publish_success_total', SUMMARY_WINDOW), total('kafka_publish_failure_total', SUMMARY_WINDOW)),
);

export const publishFailureShare = ratio(
  rate('kafka_publish_failure_total'),
  plus(rate('kafka_publish_success_total'), rate('kafka_publish_failure_total')),
);

export const publishRate = rate('kafka_publish_success_total');
export const publishBuckets = bucketRates('kafka_publish_duration_seconds');
export const publishFailuresByError = rate('kafka_publish_failure_total', { by: ['error_type'] });
export const consumeRate = rate('signals_consumed_total');
export const rejectRate = rate('signals_rejected_total');

export const publishFailuresOfHour = total('kafka_publish_failure_total', '1h');
export const rejectedOfHour = total('signals_rejected_total', '1h');
export const signalsOfDay = total('signals_generated_total', '24h');
