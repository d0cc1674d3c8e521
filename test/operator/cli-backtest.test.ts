import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePort } from '#local/servers/free-port.ts';
import { type PrometheusOfHistory, startPrometheusOfHistory } from '../support/start-prometheus-of-history.ts';
import { cli } from './cli-under-test.ts';
import { tradingPipeline } from './operator-under-test.ts';

const START = Date.parse('2026-01-05T00:00:00Z') / 1_000;
const HOUR = 3_600;

/** Builds OpenMetrics text with a sample every 30 s: cash is below 1000 from 01:00 to 01:20 and from 02:00 to 02:04. */
function buildHistory(): string {
  const lines = ['# TYPE portfolio_cash_balance_usd gauge'];
  for (let second = 0; second <= 3 * HOUR; second += 30) {
    const isLow = (second >= HOUR && second < HOUR + 1_200) || (second >= 2 * HOUR && second < 2 * HOUR + 240);
    lines.push(`portfolio_cash_balance_usd{namespace="desk"} ${isLow ? 400 : 5_000} ${START + second}`);
  }
  return `${lines.join('\n')}\n# EOF\n`;
}

/**
 * Builds OpenMetrics text with a sample every 30 s: ten executions a minute from 00:00 on, all of which fail from 04:00 to 05:00. It has
 * no samples of recording rules.
 */
function buildExecutions(): string {
  const lines = ['# TYPE pipeline_executions counter'];
  const counts = { success: 0, failed: 0 };
  for (let second = 0; second <= 7 * HOUR; second += 30) {
    const fails = second > 4 * HOUR && second <= 5 * HOUR ? 5 : 0;
    counts.failed += fails;
    counts.success += 5 - fails;
    for (const [status, count] of Object.entries(counts))
      lines.push(`pipeline_executions_total{${executor},status="${status}"} ${count} ${START + second}`);
  }
  lines.push('# TYPE process_start_time_seconds gauge', '# TYPE up gauge');
  for (let second = 0; second <= 7 * HOUR; second += 30) lines.push(`up{${executor}} 1 ${START + second}`);
  return lines.join('\n');
}
const executor = 'job="celery-worker",namespace="desk",instance="worker:8001"';

const custom = [
  { alert: 'CashIsLow', expr: 'portfolio_cash_balance_usd{namespace="desk"} < 1000', for: '5m' },
  { alert: 'NoSuchMetric', expr: 'portfolio_gold_ounces > 1' },
];

describe('backtest of objectives', () => {
  let prometheus: PrometheusOfHistory;
  beforeAll(async () => {
    prometheus = await startPrometheusOfHistory(`${buildExecutions()}\n# EOF\n`);
  });
  afterAll(() => prometheus.stop());

  const spec = { services: [{ name: 'celery-worker' }], objectives: [{ name: 'pipeline-success' }] };
  const input = JSON.stringify(tradingPipeline('desk', 'tp', spec));
  const backtest = (from: string, to: string, ...more: string[]) =>
    cli(['backtest', '-', '--prometheus', prometheus.url, '--from', from, '--to', to, ...more], input);

  it('computes from counters alone when each burn-rate alert would have fired', async () => {
    const { code, out } = await backtest('2026-01-05T03:00', '2026-01-05T07:00', '-o', 'json');
    expect(code).toBe(1);
    const fired = JSON.parse(out).alerts.map((one: { alert: string; firings: { from: string; to: string }[] }) => [
      one.alert,
      one.firings.map(({ from, to }) => [from, to]),
    ]);
    // While every execution fails, a budget of 5 % burns at rate 20. The rate over one hour exceeds 14.4 after 44 minutes; the rate
    // over all data so far (four hours) exceeds 1 after 13 minutes.
    expect(Object.fromEntries(fired)).toEqual({
      ObjectiveBurnsFast: [['2026-01-05T04:44:00Z', '2026-01-05T05:02:00Z']],
      ObjectiveBurnsSlowly: [['2026-01-05T04:13:00Z', undefined]],
    });
  });

  it('prints how much of the budget would be left, and since when there is data', async () => {
    const { out } = await backtest('2026-01-05T03:00', '2026-01-05T07:00', '--alert', 'ObjectiveBurnsFast');
    expect(out).toContain('ObjectiveBurnsFast (critical) would have fired once\n');
    expect(out).not.toContain('ObjectiveBurnsSlowly');
    expect(out).toContain(
      'objective pipeline-success (95% over 30d): -185.714% of the error budget left at the end; 600 of 4200 events were bad, known since 2026-01-05T00:01:00Z\n',
    );
  });

  it('reports no firing for a quiet range, and exit code 2 for a range without samples', async () => {
    const quiet = await backtest('2026-01-05T01:00', '2026-01-05T03:59');
    expect(quiet.code).toBe(0);
    expect(quiet.out).toContain('never: ObjectiveBurnsFast, ObjectiveBurnsSlowly\n');
    expect(quiet.out).toContain('100% of the error budget left at the end; 0 of 2390 events were bad');
    const unknown = await backtest('2026-02-20T01:00', '2026-02-20T02:00');
    expect(unknown.code).toBe(2);
    expect(unknown.out).toContain('cannot tell: ObjectiveBurnsFast (no samples of pipeline_executions_total');
    expect(unknown.out).toContain('objective pipeline-success (95% over 30d): no event\n');
  });
});

describe('backtest', () => {
  let prometheus: PrometheusOfHistory;
  beforeAll(async () => {
    prometheus = await startPrometheusOfHistory(buildHistory());
  });
  afterAll(() => prometheus.stop());

  const input = JSON.stringify(
    tradingPipeline('desk', 'tp', { alerts: { custom }, externalMetrics: ['portfolio_gold_ounces'] }),
  );
  const backtest = (...more: string[]) =>
    cli(
      ['backtest', '-', '--prometheus', prometheus.url, '--from', '2026-01-05', '--to', '2026-01-05T03:00', ...more],
      input,
    );

  it('prints when an alert would have fired, with its for taken into account', async () => {
    const { code, out } = await backtest('--alert', 'CashIsLow', '-o', 'json');
    expect(code).toBe(1);
    const { alerts } = JSON.parse(out);
    expect(alerts).toHaveLength(1);
    expect(alerts[0].firings).toEqual([
      {
        series: { namespace: 'desk' },
        pendingSince: '2026-01-05T01:00:00Z',
        from: '2026-01-05T01:05:00Z',
        to: '2026-01-05T01:20:00Z',
        peak: 400,
      },
    ]);
  });

  it('accounts for an alert that is pending or firing when the range starts', async () => {
    const { out } = await backtest('--alert', 'CashIsLow', '--from', '2026-01-05T01:03');
    expect(out).toContain('2026-01-05T01:05:00Z to 2026-01-05T01:20:00Z (15m)');
    const firing = await backtest('--alert', 'CashIsLow', '--from', '2026-01-05T01:10');
    expect(firing.out).toContain('2026-01-05T01:10:00Z to 2026-01-05T01:20:00Z (10m)');
  });

  it('reports no firing for a quiet range', async () => {
    const { code, out } = await backtest('--alert', 'CashIsLow', '--from', '2026-01-05T02:00');
    expect({ code, out }).toEqual({
      code: 0,
      out: '2026-01-05T02:00:00Z to 2026-01-05T03:00:00Z, evaluated every 30s\nnever: CashIsLow\n',
    });
  });

  it('does not print "never" if the metric has no samples', async () => {
    const { code, out } = await backtest('--alert', 'NoSuchMetric');
    expect(code).toBe(2);
    expect(out).toContain('cannot tell: NoSuchMetric (no samples of portfolio_gold_ounces in the range)');
  });

  it('splits a range that has more steps than Prometheus returns for one query', async () => {
    const { code, out } = await backtest('--alert', 'CashIsLow', '--step', '1s', '-o', 'json');
    expect(code).toBe(1);
    expect(JSON.parse(out).alerts[0].firings).toHaveLength(1);
  });

  it('fails on a wrong argument, and says what is expected', async () => {
    const { code, err } = await backtest('--from', 'yesterday');
    expect(code).toBe(2);
    expect(err).toContain('--from: expected now, -6h');
    expect((await backtest('--alert', 'Nothing')).err).toContain('no alert Nothing in the files');
    const nobody = `http://127.0.0.1:${await findFreePort()}`;
    expect((await backtest('--prometheus', nobody)).err).toContain('does not answer: ECONNREFUSED');
  });
});
