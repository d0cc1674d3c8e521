import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AlertName } from '#catalogue/alerts.ts';
import { compile } from '#controller/compile/compile.ts';
import { specOf } from '../support/spec-of.ts';
import { openPromtool, type Promtool } from './promtool.ts';

/**
 * Compiles the rules of a TradingPipeline that declares a pipeline and lists no services. The platform runs in another
 * namespace.
 */
function compiledRules(): object {
  const spec = specOf({
    pipeline: { trigger: { mode: 'manual' }, tickers: ['GOOG'], budget: { dailyUsd: 5 } },
    alerts: {},
  });
  const { objects } = compile({ owner: { namespace: 'desk', name: 'trend', uid: 'u' }, spec });
  return objects.find(({ kind }) => kind === 'PrometheusRule')?.spec as object;
}

const worker = 'job="celery-worker",namespace="trading-platform",instance="w:1"';
const executions = (status: string, id: string) =>
  `pipeline_executions_total{${worker},status="${status}",pipeline_id="${id}",trigger_mode="signal"}`;
const duration = (le: string, id: string) =>
  `pipeline_execution_duration_seconds_bucket{${worker},status="success",pipeline_id="${id}",le="${le}"}`;
const running = (id: string) => `pipeline_executions_active{${worker},pipeline_id="${id}",trigger_mode="signal"}`;
const budget = (id: string) => `pipeline_budget_remaining_usd{${worker},pipeline_id="${id}"}`;
const market = 'market_open{job="signal-generator",namespace="trading-platform",symbol="GOOG"}';

interface Trouble {
  readonly alert: AlertName;
  /** Returns the series of a pipeline whose trouble sets off the alert, with one sample every 15 s. */
  readonly series: (id: string) => Record<string, string>;
  readonly silentAt: string;
  readonly firesAt: string;
}

const troubles: readonly Trouble[] = [
  {
    alert: 'HighPipelineFailureRate',
    series: (id) => ({ [executions('failed', id)]: '0+1x80', [executions('success', id)]: '0+1x80' }),
    silentAt: '5m',
    firesAt: '6m15s',
  },
  {
    alert: 'HighPipelineLatency',
    series: (id) => ({
      [duration('10', id)]: '0x80',
      [duration('30', id)]: '0+1x80',
      [duration('+Inf', id)]: '0+1x80',
    }),
    silentAt: '5m',
    firesAt: '5m15s',
  },
  {
    alert: 'NoPipelineExecutions',
    series: (id) => ({ [running(id)]: '1x200', [executions('success', id)]: '7x200', [market]: '1x200' }),
    silentAt: '34m45s',
    firesAt: '35m15s',
  },
  { alert: 'PipelineBudgetExhausted', series: (id) => ({ [budget(id)]: '1 0x8' }), silentAt: '0m', firesAt: '15s' },
];

describe('the alerts of a declared pipeline, judged by promtool', () => {
  let promtool: Promtool;
  beforeAll(async () => {
    promtool = await openPromtool('declared-pipeline');
  });
  afterAll(() => promtool.remove());

  const judge = async (series: Record<string, string>, checks: readonly object[]) => {
    const tests = [
      {
        interval: '15s',
        input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
        promql_expr_test: checks,
      },
    ];
    const { output } = await promtool.run(['test', 'rules', 'test.yaml'], {
      'rules.yaml': compiledRules(),
      'test.yaml': { rule_files: ['rules.yaml'], evaluation_interval: '15s', tests },
    });
    return output;
  };
  const firing = (alert: string, at: string, fires: boolean) => ({
    expr: `count(ALERTS{alertname="${alert}",alertstate="firing",pipeline_id="desk.trend",tradingpipeline="trend"}) > bool 0`,
    eval_time: at,
    exp_samples: fires ? [{ labels: '{}', value: 1 }] : [],
  });

  it.each(troubles)('$alert fires for its own pipeline, and not too early', async (trouble) => {
    const { alert, series, silentAt, firesAt } = trouble;
    const checks = [firing(alert, silentAt, false), firing(alert, firesAt, true)];
    expect(await judge(series('desk.trend'), checks)).toContain('SUCCESS');
  });

  it.each(troubles)('$alert is silent if another pipeline has the trouble, and without traffic', async (trouble) => {
    const { alert, series, firesAt } = trouble;
    expect(await judge(series('desk.other'), [firing(alert, firesAt, false)])).toContain('SUCCESS');
    expect(await judge({ [market]: '1x200' }, [firing(alert, firesAt, false)])).toContain('SUCCESS');
  });
});
