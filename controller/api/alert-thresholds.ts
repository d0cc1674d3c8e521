import type { AlertName, alerts } from '#catalogue/alerts.ts';

type WithThreshold = {
  [Name in AlertName]: (typeof alerts)[Name] extends { threshold: number } ? Name : never;
}[AlertName];

/** In what an alert's threshold is measured. A `share` lies between 0 and 1. */
export type ThresholdUnit = 'share' | 'seconds' | 'errors a second' | 'USD an hour';

export const thresholdUnits: Readonly<Record<WithThreshold, ThresholdUnit>> = {
  HighPipelineFailureRate: 'share',
  HighPipelineLatency: 'seconds',
  ExecutionsStopped: 'seconds',
  MarketDataStopped: 'seconds',
  SignalGenerationStopped: 'seconds',
  DispatchStopped: 'seconds',
  KafkaPublishFailures: 'share',
  HighKafkaConsumerLag: 'seconds',
  HighMarketDataLag: 'seconds',
  HighRedisErrorRate: 'errors a second',
  HighPortfolioDrawdown: 'share',
  HighCPUUsage: 'share',
  HighMemoryUsage: 'share',
  HighLLMCostRate: 'USD an hour',
};

export function thresholdUnit(alert: AlertName): ThresholdUnit | undefined {
  return (thresholdUnits as Partial<Record<AlertName, ThresholdUnit>>)[alert];
}
