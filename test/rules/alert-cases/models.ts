import type { AlertName } from '#catalogue/alerts.ts';
import type { AlertCase } from '../alert-case.ts';
import { of } from '../series-text.ts';
import { budget, cost, up } from './series.ts';

export const modelCases: readonly AlertCase<AlertName>[] = [
  {
    alert: 'HighLLMCostRate',
    what: 'two dollars a minute',
    series: { [cost]: '0+0.5x100' },
    silentAt: ['7m30s'],
    firesAt: ['7m45s', '20m'],
    labels: { severity: 'warning', service: 'celery-worker' },
    says: 'Calls of language models cost 15.50 USD in the last hour (limit 5 USD an hour).',
  },
  {
    alert: 'HighLLMCostRate',
    what: 'four dollars an hour',
    series: { [cost]: '0+0.016x400' },
    silentAt: ['50m', '95m'],
  },
  {
    alert: 'HighLLMCostRate',
    what: 'no calls for an hour after costly ones',
    series: { [cost]: '80x400' },
    silentAt: ['61m', '95m'],
    idle: true,
  },
  {
    alert: 'HighLLMCostRate',
    what: 'calls end',
    series: { [cost]: '0+0.5x100 50x400' },
    firesAt: ['20m', '50m'],
    silentAt: ['90m'],
  },
  {
    alert: 'HighLLMCostRate',
    what: 'a model that has been asked for two hours becomes dear',
    series: { [cost]: '10x480 10+0.5x100' },
    silentAt: ['1h30m', '2h5m'],
    firesAt: ['2h12m'],
  },

  {
    alert: 'PipelineBudgetExhausted',
    what: 'one of two pipelines has spent its budget',
    series: { [budget('p1')]: '1x3 0x20', [budget('p2')]: '1x40' },
    silentAt: ['45s'],
    firesAt: ['1m'],
    labels: { severity: 'warning', service: 'celery-worker', pipeline_id: 'p1' },
    says: 'It starts again with the next UTC day, or with a larger budget. Left: 0.00 USD.',
  },
  {
    alert: 'PipelineBudgetExhausted',
    what: 'no pipeline has a budget',
    series: { [up]: '1x40' },
    silentAt: ['1m', '9m'],
    idle: true,
  },
  {
    alert: 'PipelineBudgetExhausted',
    what: 'the budget is raised',
    series: { [budget('p1')]: '1x3 0x20 1x20' },
    firesAt: ['6m'],
    silentAt: ['6m15s'],
  },
  {
    alert: 'PipelineBudgetExhausted',
    what: 'one of two workers reports the spent budget already',
    series: {
      [budget('p1')]: '1x20',
      [of('celery-worker', 'pipeline_budget_remaining_usd', { pod: 'b', pipeline_id: 'p1' })]: '0x20',
    },
    firesAt: ['1m'],
  },
];
