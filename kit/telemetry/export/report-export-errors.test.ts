import { diag } from '@opentelemetry/api';
import { globalErrorHandler } from '@opentelemetry/core';
import { pino } from 'pino';
import { afterEach, expect, it, vi } from 'vitest';
import { reportExportErrors } from './report-export-errors.ts';

afterEach(() => {
  vi.useRealTimers();
  diag.disable();
});

it('says what fails, and once a minute how often it failed', () => {
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

it('says what is only written to the diagnostics', () => {
  const lines: string[] = [];
  reportExportErrors(pino({}, { write: (line) => lines.push(line) }));
  diag.error('export took longer than %s ms', 100);
  diag.info('all is well');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('could not send telemetry');
});
