import { diag } from '@opentelemetry/api';
import { globalErrorHandler } from '@opentelemetry/core';
import { pino } from 'pino';
import { afterEach, expect, it, vi } from 'vitest';
import { reportExportErrors } from './report-export-errors.ts';

afterEach(() => {
  vi.useRealTimers();
  diag.disable();
});

it('logs the first failure, and then once a minute the number of failures', () => {
  vi.useFakeTimers();
  const lines: { failures: number; error: { message: string } }[] = [];
  const log = pino(
    { serializers: { error: pino.stdSerializers.err } },
    { write: (line) => lines.push(JSON.parse(line)) },
  );
  reportExportErrors(log);
  globalErrorHandler(new Error('connection refused'));
  diag.error('export took longer than %s ms', 100);
  vi.advanceTimersByTime(60_001);
  globalErrorHandler(new Error('connection refused'));
  expect(lines.map(({ failures, error }) => [failures, error.message])).toEqual([
    [1, 'connection refused'],
    [2, 'connection refused'],
  ]);
});

it('logs errors that OpenTelemetry only writes to its diagnostic log, and nothing else of it', () => {
  const lines: string[] = [];
  reportExportErrors(pino({}, { write: (line) => lines.push(line) }));
  diag.error('export took longer than %s ms', 100);
  diag.info('all is well');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('could not send telemetry');
});
