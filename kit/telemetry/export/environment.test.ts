import { describe, expect, it } from 'vitest';
import { readTelemetrySettings } from './environment.ts';

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

describe('readTelemetrySettings', () => {
  it('sends nothing by default', () => {
    const { disabled, otlp } = readTelemetrySettings({});
    expect({ disabled, otlp }).toEqual({ disabled: false, otlp: { TRACES: false, METRICS: false, LOGS: false } });
  });

  it.each([
    [endpoint, { TRACES: true, METRICS: false, LOGS: true }],
    [
      { ...endpoint, OTEL_METRICS_EXPORTER: 'otlp' },
      { TRACES: true, METRICS: true, LOGS: true },
    ],
    [
      { ...endpoint, OTEL_TRACES_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'console' },
      { TRACES: false, METRICS: false, LOGS: false },
    ],
    [{ OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://logs:4318/v1/logs' }, { TRACES: false, METRICS: false, LOGS: true }],
    [
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://traces:4318/v1/traces' },
      { TRACES: true, METRICS: false, LOGS: false },
    ],
    [{ OTEL_METRICS_EXPORTER: 'otlp, prometheus' }, { TRACES: false, METRICS: true, LOGS: false }],
    [
      { ...endpoint, OTEL_TRACES_EXPORTER: '' },
      { TRACES: true, METRICS: false, LOGS: true },
    ],
  ])('with %j sends %j', (env, otlp) => {
    expect(readTelemetrySettings(env).otlp).toEqual(otlp);
  });

  it('takes exemplars if traces are sent, or if the variable says so', () => {
    expect(readTelemetrySettings({}).exemplarFilter).toBe('always_off');
    expect(readTelemetrySettings(endpoint).exemplarFilter).toBe('trace_based');
    const toldTo = { OTEL_METRICS_EXEMPLAR_FILTER: 'trace_based' };
    expect(readTelemetrySettings(toldTo).exemplarFilter).toBe('trace_based');
  });

  it.each([
    ['OTEL_SDK_DISABLED', 'TRUE', { disabled: true }],
    ['OTEL_SDK_DISABLED', 'yes', { disabled: false }],
    ['OTEL_METRIC_EXPORT_INTERVAL', '5000', { exportIntervalMillis: 5_000, exportTimeoutMillis: 5_000 }],
    ['OTEL_METRIC_EXPORT_TIMEOUT', '1000', { exportIntervalMillis: 60_000, exportTimeoutMillis: 1_000 }],
    ['OTEL_METRICS_EXEMPLAR_FILTER', 'always_off', { exemplarFilter: 'always_off' }],
    ['OTEL_TRACES_SAMPLER', 'traceidratio', { sampler: { name: 'traceidratio', ratio: 1 } }],
    ['OTEL_TRACES_SAMPLER_ARG', '0.25', { sampler: { name: 'parentbased_always_on', ratio: 0.25 } }],
    [
      'OTEL_BSP_MAX_QUEUE_SIZE',
      '100',
      { spanBatches: { maxQueueSize: 100, maxExportBatchSize: 100, scheduledDelayMillis: 5_000 } },
    ],
    ['OTEL_BSP_SCHEDULE_DELAY', '50', { spanBatches: { scheduledDelayMillis: 50 } }],
    ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE', '7', { spanBatches: { maxExportBatchSize: 7 } }],
    ['OTEL_BLRP_SCHEDULE_DELAY', '50', { logBatches: { scheduledDelayMillis: 50, exportTimeoutMillis: 30_000 } }],
    ['OTEL_BLRP_EXPORT_TIMEOUT', '9', { logBatches: { exportTimeoutMillis: 9 } }],
    ['METRICS_LABEL_SETS', '50', { labelSets: 50 }],
  ])('reads %s=%s', (name, value, settings) => {
    expect(readTelemetrySettings({ [name]: value })).toMatchObject(settings);
  });

  it('checks only the variables of signals that it sends, and prefers the variable of the signal', () => {
    const wrong = { OTEL_EXPORTER_OTLP_TIMEOUT: '10s', OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'sum' };
    expect(() => readTelemetrySettings(wrong)).not.toThrow();
    const mended = { OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '10', OTEL_EXPORTER_OTLP_LOGS_TIMEOUT: '10' };
    expect(() => readTelemetrySettings({ ...endpoint, ...wrong, ...mended })).not.toThrow();
  });

  it('sends exponential histograms by OTLP if the variable says so', () => {
    const name = 'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION';
    const asked = readTelemetrySettings({ [name]: 'base2_exponential_bucket_histogram' });
    expect([asked.exponentialHistograms, readTelemetrySettings({}).exponentialHistograms]).toEqual([true, false]);
  });

  it.each([
    [{ OTEL_LOGS_EXPORTER: 'file' }, 'OTEL_LOGS_EXPORTER=file: this exporter is not there; use otlp or none'],
    [{ OTEL_TRACES_EXPORTER: 'prometheus' }, 'OTEL_TRACES_EXPORTER=prometheus'],
    [{ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'OTEL_EXPORTER_OTLP_PROTOCOL=grpc: only http/protobuf'],
    [{ ...endpoint, OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'http/json' }, 'OTEL_EXPORTER_OTLP_LOGS_PROTOCOL=http/json'],
    [{ OTEL_TRACES_SAMPLER: 'jaeger_remote' }, 'must be one of parentbased_always_on, '],
    [{ OTEL_TRACES_SAMPLER_ARG: '2' }, 'OTEL_TRACES_SAMPLER_ARG=2: must be a number from 0 to 1'],
    [{ OTEL_METRIC_EXPORT_INTERVAL: '0' }, 'OTEL_METRIC_EXPORT_INTERVAL=0: must be a whole number above 0'],
    [{ OTEL_METRICS_EXEMPLAR_FILTER: 'some' }, 'must be one of trace_based, always_on, always_off'],
    [{ METRICS_LABEL_SETS: 'many' }, 'METRICS_LABEL_SETS=many'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, 'OTEL_EXPORTER_OTLP_ENDPOINT=collector:4318: must be a URL'],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://u:hunt#er2@collector:4318' },
      'OTEL_EXPORTER_OTLP_ENDPOINT=http://***: must be a URL such as http://collector:4318; a # ends the address',
    ],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://u:hunter2@collector:4318' },
      'OTEL_EXPORTER_OTLP_ENDPOINT=http://***: must be a URL such as http://collector:4318; user and password are not sent',
    ],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/v1/traces' },
      'OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318/v1/traces: must be a URL such as http://collector:4318; leave out /v1/',
    ],
    [
      { ...endpoint, OTEL_EXPORTER_OTLP_HEADERS: 'a=b, Authorization: Bearer hunter2' },
      'OTEL_EXPORTER_OTLP_HEADERS=***: pair 2 must be name=value',
    ],
    [{ ...endpoint, OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'a=100%' }, 'OTEL_EXPORTER_OTLP_TRACES_HEADERS=***: pair 1'],
    [{ ...endpoint, OTEL_EXPORTER_OTLP_TIMEOUT: '10s' }, 'OTEL_EXPORTER_OTLP_TIMEOUT=10s: must be milliseconds'],
    [{ ...endpoint, OTEL_EXPORTER_OTLP_LOGS_COMPRESSION: 'zstd' }, 'must be one of gzip, none'],
    [
      { ...endpoint, OTEL_EXPORTER_OTLP_CERTIFICATE: '/nowhere/ca.crt' },
      'OTEL_EXPORTER_OTLP_CERTIFICATE=/nowhere/ca.crt: must be a file that can be read (ENOENT)',
    ],
    [
      { OTEL_METRICS_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'sum' },
      'must be one of cumulative, delta, lowmemory',
    ],
  ])('refuses %j, and names the variable and its possible values', (env, message) => {
    expect(() => readTelemetrySettings(env)).toThrow(message);
  });
});
