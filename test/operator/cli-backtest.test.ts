import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePort } from '#local/servers/free-port.ts';
import { type PrometheusOfHistory, startPrometheusOfHistory } from '../support/start-prometheus-of-history.ts';
import { cli } from './cli-under-test.ts';
import { tradingPipeline } from './operator-under-test.ts';

const START = Date.parse('2026-01-05T00:00:00Z') / 1_000;
const HOUR = 3_600;

/** Cash is low from 01:00 to 01:20 and from 02:00 to 02:04; one sample every 30 s. */
function buildHistory(): string {
  const lines = ['# TYPE portfolio_cash_balance_usd gauge'];
  for (let second = 0; second <= 3 * HOUR; second += 30) {
    const isLow = (second >= HOUR && second < HOUR + 1_200) || (second >= 2 * HOUR && second < 2 * HOUR + 240);
    lines.push(`portfolio_cash_balance_usd{namespace="desk"} ${isLow ? 400 : 5_000} ${START + second}`);
  }
  return `${lines.join('\n')}\n# EOF\n`;
}

const custom = [
  { alert: 'CashIsLow', expr: 'portfolio_cash_balance_usd{namespace="desk"} < 1000', for: '5m' },
  { alert: 'NoSuchMetric', expr: 'portfolio_gold_ounces > 1' },
];

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

  it('says when an alert would have fired, by its for', async () => {
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

  it('knows of an alert that was pending, or firing, when the range begins', async () => {
    const { out } = await backtest('--alert', 'CashIsLow', '--from', '2026-01-05T01:03');
    expect(out).toContain('2026-01-05T01:05:00Z to 2026-01-05T01:20:00Z (15m)');
    const firing = await backtest('--alert', 'CashIsLow', '--from', '2026-01-05T01:10');
    expect(firing.out).toContain('2026-01-05T01:10:00Z to 2026-01-05T01:20:00Z (10m)');
  });

  it('is quiet over a quiet range', async () => {
    const { code, out } = await backtest('--alert', 'CashIsLow', '--from', '2026-01-05T02:00');
    expect({ code, out }).toEqual({
      code: 0,
      out: '2026-01-05T02:00:00Z to 2026-01-05T03:00:00Z, evaluated every 30s\nnever: CashIsLow\n',
    });
  });

  it('does not say "never" where there are no samples', async () => {
    const { code, out } = await backtest('--alert', 'NoSuchMetric');
    expect(code).toBe(2);
    expect(out).toContain('cannot tell: NoSuchMetric (no samples of portfolio_gold_ounces in that time)');
  });

  it('asks in parts where a range has more steps than Prometheus answers at once', async () => {
    const { code, out } = await backtest('--alert', 'CashIsLow', '--step', '1s', '-o', 'json');
    expect(code).toBe(1);
    expect(JSON.parse(out).alerts[0].firings).toHaveLength(1);
  });

  it('fails with what to write where an argument is wrong', async () => {
    const { code, err } = await backtest('--from', 'yesterday');
    expect(code).toBe(2);
    expect(err).toContain('--from yesterday is no time: write now, -6h');
    expect((await backtest('--alert', 'Nothing')).err).toContain('no alert Nothing in the files');
    const nobody = `http://127.0.0.1:${await findFreePort()}`;
    expect((await backtest('--prometheus', nobody)).err).toContain('does not answer: ECONNREFUSED');
  });
});
