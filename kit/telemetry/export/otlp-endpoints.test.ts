import { expect, it } from 'vitest';
import { findOtlpEndpoints } from './otlp-endpoints.ts';

const all = { TRACES: true, METRICS: true, LOGS: true };

it('finds the address of each kind of telemetry that is sent, without user, password and query', () => {
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: ' https://u:hunter2@collector:4318/base/?key=hunter2 ',
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://logs:4318/own/path?key=hunter2',
  };
  expect(findOtlpEndpoints(env, all)).toEqual({
    traces: 'https://collector:4318/base/v1/traces',
    metrics: 'https://collector:4318/base/v1/metrics',
    logs: 'http://logs:4318/own/path',
  });
  expect(findOtlpEndpoints(env, { ...all, METRICS: false, LOGS: false })).toEqual({
    traces: 'https://collector:4318/base/v1/traces',
  });
  expect(findOtlpEndpoints({}, all).metrics).toBe('http://localhost:4318/v1/metrics');
});
