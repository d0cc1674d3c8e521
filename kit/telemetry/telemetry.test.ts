import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmittedBy, metricDefinition, metricsEmittedBy } from '#catalogue/metrics.ts';
import { serviceNames } from '#catalogue/services.ts';
import type { Instruments } from './instruments.ts';
import { startTelemetry, type Telemetry } from './telemetry.ts';

describe('startTelemetry', () => {
  let worker: Telemetry<'celery-worker'>;
  let instruments: Instruments<EmittedBy<'celery-worker'>>;

  beforeAll(() => {
    worker = startTelemetry('celery-worker', {});
    instruments = worker.instruments;
  });
  afterAll(() => worker.shutdown());

  it.each(serviceNames)('shows every metric of %s from the first scrape', async (name) => {
    const telemetry = startTelemetry(name, {});
    const scrape = await telemetry.scrape();
    await telemetry.shutdown();
    const missing = metricsEmittedBy(name).filter(
      (metric) => !scrape.includes(`# TYPE ${metric} ${metricDefinition(metric).type}\n`),
    );
    expect(missing).toEqual([]);
  });

  it('names each metric once', async () => {
    instruments.counter('celery_tasks_total');
    const types = (await worker.scrape()).split('\n').filter((line) => line.startsWith('# TYPE'));
    expect(types).toEqual([...new Set(types)]);
  });

  it('starts counters and histograms with known labels at 0', async () => {
    instruments.counter('celery_tasks_total');
    instruments.histogram('agent_execution_duration_seconds').record(0.3, { agent: 'bias', status: 'success' });
    const scrape = await worker.scrape();
    expect(scrape).toContain('celery_tasks_total{task="execute_pipeline",status="failed"} 0');
    expect(scrape).toContain('agent_execution_duration_seconds_count{agent="strategy",status="failed"} 0');
    expect(scrape).toContain('agent_execution_duration_seconds_count{agent="bias",status="success"} 1');
    expect(scrape).toContain('agent_execution_duration_seconds_bucket{agent="bias",status="success",le="0.5"} 1');
    expect(scrape.match(/^agent_execution_duration_seconds_count\{agent="bias",status="success"\}/gm)).toHaveLength(1);
  });

  it('has no time of a last progress before there was one: 0 would be 1970', async () => {
    const last = instruments.gauge('pipeline_last_progress_timestamp_seconds');
    const name = 'pipeline_last_progress_timestamp_seconds';
    expect(await worker.scrape()).not.toMatch(new RegExp(`^${name} `, 'm'));
    last.set(1_795_265_514.63);
    expect(await worker.scrape()).toMatch(new RegExp(`^${name} 1795265514\\.63$`, 'm'));
  });

  it('counts label values beyond the budget as other', async () => {
    const calls = instruments.counter('llm_calls_total');
    for (let model = 0; model < 40; model += 1)
      calls.add(1, { model: `model-${model}`, agent: 'bias', status: 'success' });
    const scrape = await worker.scrape();
    expect(scrape).toContain('llm_calls_total{model="model-29",agent="bias",status="success"} 1');
    expect(scrape).toContain('llm_calls_total{model="other",agent="bias",status="success"} 10');
    expect(scrape).not.toContain('model-30');
  });

  it('forgets the label sets of a gauge that is reset', async () => {
    const gauge = instruments.gauge('pipeline_budget_remaining_usd');
    gauge.set(5, { pipeline_id: 'gone' });
    expect(await worker.scrape()).toContain('pipeline_id="gone"');
    gauge.reset();
    gauge.set(3, { pipeline_id: 'here' });
    const scrape = await worker.scrape();
    expect(scrape).not.toContain('pipeline_id="gone"');
    expect(scrape).toContain('pipeline_budget_remaining_usd{pipeline_id="here"} 3');
  });

  it('leaves out an observed gauge whose value is not known any more', async () => {
    const backend = startTelemetry('backend', {});
    let value: number | undefined = 5;
    backend.instruments.observeGauge('portfolio_cash_balance_usd', (observe) => {
      if (value !== undefined) observe(value);
    });
    expect(await backend.scrape()).toContain('portfolio_cash_balance_usd 5');
    value = undefined;
    const scrape = await backend.scrape();
    expect(scrape).not.toContain('portfolio_cash_balance_usd 5');
    expect(scrape).toContain('# TYPE portfolio_cash_balance_usd gauge');
    await backend.shutdown();
  });

  it('refuses an exporter it does not have, and says which it has', () => {
    expect(() => startTelemetry('backend', { OTEL_METRICS_EXPORTER: 'statsd' })).toThrow(
      'OTEL_METRICS_EXPORTER=statsd',
    );
    expect(() =>
      startTelemetry('backend', { OTEL_METRICS_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }),
    ).toThrow('4318');
  });

  it('is held to the catalogue by the compiler', () => {
    // `make types` fails when one of these compiles; the function is never called.
    const refused = (instruments: Instruments<EmittedBy<'celery-worker'>>) => {
      // @ts-expect-error the worker does not generate signals
      instruments.counter('signals_generated_total');
      // @ts-expect-error a gauge is no counter
      instruments.counter('db_pool_size');
      // @ts-expect-error the status is missing
      instruments.counter('celery_tasks_total').add(1, { task: 'execute_pipeline' });
      // @ts-expect-error no such status
      instruments.counter('celery_tasks_total').add(1, { task: 'execute_pipeline', status: 'completed' });
      // @ts-expect-error no such label
      instruments.counter('redis_connection_errors_total').add(1, { host: 'a' });
    };
    expect(refused).toBeTypeOf('function');
  });
});
