import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmittedBy, metricDefinition, metricsEmittedBy } from '#catalogue/metrics.ts';
import { serviceNames } from '#catalogue/services.ts';
import type { Instruments } from './metrics/instruments.ts';
import { startTelemetry, type Telemetry } from './telemetry.ts';
import { withSpan } from './traces/tracing.ts';

describe('startTelemetry', () => {
  let worker: Telemetry<'celery-worker'>;
  let instruments: Instruments<EmittedBy<'celery-worker'>>;

  beforeAll(() => {
    // The default exemplar filter of a process that sends traces.
    worker = startTelemetry('celery-worker', { OTEL_METRICS_EXEMPLAR_FILTER: 'trace_based' });
    instruments = worker.instruments;
  });
  afterAll(() => worker.shutdown());

  it.each(serviceNames)('shows every metric of %s at the first scrape', async (name) => {
    const telemetry = startTelemetry(name, {});
    const scrape = (await telemetry.scrape()).body;
    await telemetry.shutdown();
    const missing = metricsEmittedBy(name).filter(
      (metric) => !scrape.includes(`# TYPE ${metric} ${metricDefinition(metric).type}\n`),
    );
    expect(missing).toEqual([]);
  });

  it('names each metric once', async () => {
    instruments.counter('celery_tasks_total');
    const types = (await worker.scrape()).body.split('\n').filter((line) => line.startsWith('# TYPE'));
    expect(types).toEqual([...new Set(types)]);
  });

  it('starts counters and histograms with known labels at 0', async () => {
    instruments.counter('celery_tasks_total');
    instruments.histogram('agent_execution_duration_seconds').record(0.3, { agent: 'bias', status: 'success' });
    const scrape = (await worker.scrape()).body;
    expect(scrape).toContain('celery_tasks_total{task="execute_pipeline",status="failed"} 0');
    expect(scrape).toContain('agent_execution_duration_seconds_count{agent="strategy",status="failed"} 0');
    expect(scrape).toContain('agent_execution_duration_seconds_count{agent="bias",status="success"} 1');
    expect(scrape).toContain('agent_execution_duration_seconds_bucket{agent="bias",status="success",le="0.5"} 1');
    expect(scrape.match(/^agent_execution_duration_seconds_count\{agent="bias",status="success"\}/gm)).toHaveLength(1);
  });

  it('shows no timestamp before it is set', async () => {
    const last = instruments.gauge('pipeline_last_progress_timestamp_seconds');
    const name = 'pipeline_last_progress_timestamp_seconds';
    expect((await worker.scrape()).body).not.toMatch(new RegExp(`^${name} `, 'm'));
    last.set(1_795_265_514.63);
    expect((await worker.scrape()).body).toMatch(new RegExp(`^${name} 1795265514\\.63$`, 'm'));
  });

  it('counts label sets beyond the budget as other, and counts these observations', async () => {
    const telemetry = startTelemetry('celery-worker', { METRICS_LABEL_SETS: '300' });
    const calls = telemetry.instruments.counter('llm_calls_total');
    for (let model = 0; model < 40; model += 1)
      calls.add(1, { model: `model-${model}`, agent: 'bias', status: 'success' });
    const { body } = await telemetry.scrape();
    await telemetry.shutdown();
    expect(body).toContain('llm_calls_total{model="model-29",agent="bias",status="success"} 1');
    expect(body).toContain('llm_calls_total{model="other",agent="bias",status="success"} 10');
    expect(body).not.toContain('model-30');
    expect(body).toContain('telemetry_label_overflow_total{metric="llm_calls_total"} 10');
  });

  it('has as many series with 10,000 pipelines as with 2,000, and keeps series for declared pipelines', async () => {
    const telemetry = startTelemetry('celery-worker', {});
    const trade = { symbol: 'GOOG', side: 'buy', status: 'filled' } as const;
    const run = (pipeline_id: string) => {
      const status = 'failed';
      const { counter, histogram, gauge } = telemetry.instruments;
      counter('pipeline_executions_total').add(1, { status, pipeline_id, trigger_mode: 'signal' });
      counter('trading_bot_trades_total').add(1, { ...trade, bot_id: pipeline_id });
      histogram('pipeline_execution_duration_seconds').record(1, { status, pipeline_id });
      histogram('pipeline_execution_cost_usd').record(0, { pipeline_id });
      gauge('pipeline_executions_active').add(1, { pipeline_id, trigger_mode: 'signal' });
      gauge('pipeline_budget_remaining_usd').set(1, { pipeline_id });
    };
    // prom-client's series of the runtime are not counted, because they come and go with the kinds of active resources
    // (sockets, timers) and of garbage collections.
    const isOurs = (line: string) => !/^(# \w+ )?(nodejs|process)_/.test(line);
    const lines = async () => (await telemetry.scrape()).body.split('\n').filter(isOurs).length;
    for (let index = 0; index < 2_000; index += 1) run(`p-${index}`);
    const before = await lines();
    for (let index = 2_000; index < 10_000; index += 1) run(`p-${index}`);
    expect(await lines()).toBe(before);
    telemetry.instruments.declarePipelines(['desk.alpha']);
    run('desk.alpha');
    const { body } = await telemetry.scrape();
    await telemetry.shutdown();
    expect(body).toContain(
      'pipeline_executions_total{status="failed",pipeline_id="desk.alpha",trigger_mode="signal"} 1',
    );
    expect(body).toContain('pipeline_execution_duration_seconds_count{status="failed",pipeline_id="desk.alpha"} 1');
    expect(body).toContain('pipeline_execution_duration_seconds_count{status="failed",pipeline_id="other"} 9800');
  });

  it('shows the duration and the size of the previous scrape', async () => {
    const { body } = await worker.scrape();
    const next = (await worker.scrape()).body;
    expect(next).toContain(`telemetry_scrape_size_bytes ${Buffer.byteLength(body)}\n`);
    expect(Number(/^telemetry_scrape_duration_seconds (.*)$/m.exec(next)?.[1])).toBeGreaterThan(0);
  });

  it('shows exemplars in OpenMetrics only', async () => {
    const labels = { agent: 'strategy', status: 'success' } as const;
    const traceId = await withSpan('decide', {}, (span) => {
      instruments.histogram('agent_execution_duration_seconds').record(0.2, labels);
      return span.spanContext().traceId;
    });
    const bucket = 'agent_execution_duration_seconds_bucket{agent="strategy",status="success",le="0.25"} 1';
    const open = await worker.scrape('application/openmetrics-text');
    expect(open.contentType).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(open.body).toContain(`${bucket} # {trace_id="${traceId}",span_id="`);
    const { contentType, body } = await worker.scrape();
    expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(body).toContain(`${bucket}\n`);
  });

  it('removes the label sets of a gauge that is reset', async () => {
    const gauge = instruments.gauge('pipeline_budget_remaining_usd');
    gauge.set(5, { pipeline_id: 'gone' });
    expect((await worker.scrape()).body).toContain('pipeline_id="gone"');
    gauge.reset();
    gauge.set(3, { pipeline_id: 'here' });
    const scrape = (await worker.scrape()).body;
    expect(scrape).not.toContain('pipeline_id="gone"');
    expect(scrape).toContain('pipeline_budget_remaining_usd{pipeline_id="here"} 3');
  });

  it('omits an observed gauge whose value is no longer observed', async () => {
    const backend = startTelemetry('backend', {});
    let value: number | undefined = 5;
    backend.instruments.observeGauge('portfolio_cash_balance_usd', (observe) => {
      if (value !== undefined) observe(value);
    });
    expect((await backend.scrape()).body).toContain('portfolio_cash_balance_usd 5');
    value = undefined;
    const scrape = (await backend.scrape()).body;
    expect(scrape).not.toContain('portfolio_cash_balance_usd 5');
    expect(scrape).toContain('# TYPE portfolio_cash_balance_usd gauge');
    await backend.shutdown();
  });

  it('refuses an unsupported exporter or protocol', () => {
    expect(() => startTelemetry('backend', { OTEL_METRICS_EXPORTER: 'statsd' })).toThrow(
      'OTEL_METRICS_EXPORTER=statsd',
    );
    expect(() =>
      startTelemetry('backend', { OTEL_METRICS_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }),
    ).toThrow('4318');
  });

  it('is held to the catalogue by the compiler', () => {
    // The type checker fails if one of these lines compiles. The function is never called.
    const refused = (instruments: Instruments<EmittedBy<'celery-worker'>>) => {
      // @ts-expect-error the worker does not generate signals
      instruments.counter('signals_generated_total');
      // @ts-expect-error a gauge is not a counter
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
