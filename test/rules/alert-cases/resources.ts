import type { AlertName } from '#catalogue/alerts.ts';
import type { AlertCase } from '../alert-case.ts';
import { cores, cpu, dispatcher, memory, memoryLimit, overflow } from './series.ts';

export const resourceCases: readonly AlertCase<AlertName>[] = [
  {
    alert: 'HighCPUUsage',
    what: '0.9 cores used of one',
    series: { [cpu]: '0+13.5x80', [cores]: '1x80' },
    silentAt: ['14m15s'],
    firesAt: ['14m30s', '15m'],
    labels: { severity: 'warning', service: 'celery-worker', instance: 'celery-worker:8001' },
    says: 'celery-worker:8001 uses 90% of the CPU it may use (limit 80%).',
  },
  {
    alert: 'HighCPUUsage',
    what: '0.9 cores used of two',
    series: { [cpu]: '0+13.5x80', [cores]: '2x80' },
    silentAt: ['10m15s', '19m'],
  },
  {
    alert: 'HighCPUUsage',
    what: 'an idle service',
    series: { [cpu]: '500x80', [cores]: '1x80' },
    silentAt: ['10m15s', '19m'],
    idle: true,
  },
  {
    alert: 'HighCPUUsage',
    what: 'the work is done',
    series: { [cpu]: '0+13.5x80 1080x40', [cores]: '1x120' },
    firesAt: ['20m'],
    silentAt: ['26m'],
  },

  {
    alert: 'HighMemoryUsage',
    what: '90 % of the memory limit used',
    series: { [memory]: '90x80', [memoryLimit]: '100x80' },
    silentAt: ['9m45s'],
    firesAt: ['10m'],
    labels: { severity: 'warning', service: 'celery-worker', instance: 'celery-worker:8001' },
    says: 'celery-worker:8001 uses 90% of the memory it may use (limit 85%). At all of it, it is killed.',
  },
  {
    alert: 'HighMemoryUsage',
    what: '85 % of the memory limit used, which is the threshold',
    series: { [memory]: '85x80', [memoryLimit]: '100x80' },
    silentAt: ['10m', '19m'],
  },
  {
    alert: 'HighMemoryUsage',
    what: 'memory is given back',
    series: { [memory]: '90x60 50x20', [memoryLimit]: '100x80' },
    firesAt: ['15m'],
    silentAt: ['15m30s'],
  },
  {
    alert: 'HighMemoryUsage',
    what: 'an idle service',
    series: { [memory]: '10x60', [memoryLimit]: '100x60' },
    silentAt: ['10m', '14m'],
    idle: true,
  },

  {
    alert: 'LabelBudgetExceeded',
    what: 'a metric exceeds its label budget',
    series: { [overflow('signals_consumed_total')]: '_x8 5x60' },
    silentAt: ['1m45s'],
    firesAt: ['2m', '14m'],
  },
  {
    alert: 'LabelBudgetExceeded',
    what: 'a metric overflows again after an earlier overflow',
    series: { [overflow('signals_consumed_total')]: '7x80 7+3x40' },
    silentAt: ['18m'],
    firesAt: ['21m'],
    labels: { severity: 'warning', service: 'trigger-dispatcher', metric: 'signals_consumed_total' },
    says: '9 observations of signals_consumed_total in the last 15m have lost their labels: it has as many label sets as it may.',
  },
  {
    alert: 'LabelBudgetExceeded',
    what: 'no overflow for a quarter of an hour',
    series: { [overflow('signals_consumed_total')]: '_x8 5x160' },
    firesAt: ['2m'],
    silentAt: ['18m', '30m'],
  },
  {
    alert: 'LabelBudgetExceeded',
    what: 'no metric has overflowed',
    series: { [dispatcher]: '1x40' },
    silentAt: ['5m', '9m'],
    idle: true,
  },
];
