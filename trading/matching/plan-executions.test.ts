import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Signal } from '../signals/signal.ts';
import { accountSignal, executionId, planExecutions } from './pipeline-index.ts';

const signalOf = (signal_id: string): Signal => ({
  signal_id,
  signal_type: 'rsi',
  source: 'replay',
  timestamp: 0,
  tickers: [{ ticker: 'GOOG', signal: 'BULLISH', confidence: 50, reasoning: '' }],
  metadata: { timeframe: '1d' },
});
const two = () => [
  { pipelineId: 'p1', ticker: 'GOOG' },
  { pipelineId: 'p2', ticker: 'GOOG' },
];

describe('planExecutions', () => {
  it('plans one execution per match, with an id derived from signal, pipeline and ticker', () => {
    const [planned] = planExecutions([signalOf('s1')], two);
    expect(planned?.executions).toEqual([
      { execution_id: executionId('s1', 'p1', 'GOOG'), pipeline_id: 'p1', ticker: 'GOOG', signal_id: 's1' },
      { execution_id: executionId('s1', 'p2', 'GOOG'), pipeline_id: 'p2', ticker: 'GOOG', signal_id: 's1' },
    ]);
    const digest = createHash('sha256').update('s1|p1|GOOG').digest('hex');
    expect(executionId('s1', 'p1', 'GOOG')).toBe(digest.slice(0, 32));
  });

  it('plans a signal once if the batch holds it twice, and keeps the order', () => {
    const planned = planExecutions(['s2', 's1', 's2', 's3', 's1'].map(signalOf), two);
    expect(planned.map(({ signal }) => signal.signal_id)).toEqual(['s2', 's1', 's3']);
  });
});

describe('accountSignal', () => {
  const plan = { signal: signalOf('s1'), executions: planExecutions([signalOf('s1')], two)[0]?.executions ?? [] };
  const [first, second] = plan.executions.map(({ execution_id }) => execution_id) as [string, string];
  const none = new Set<string>();

  it.each([
    ['all enqueued', new Set([first, second]), none, { matched: 2, enqueued: 2, skipped: 0, outcome: 'matched' }],
    ['one skipped', new Set([first]), new Set([second]), { matched: 2, enqueued: 1, skipped: 1, outcome: 'matched' }],
    ['all skipped', none, new Set([first, second]), { matched: 2, enqueued: 0, skipped: 2, outcome: 'skipped' }],
    [
      'one pipeline gone since the matching',
      new Set([first]),
      none,
      { matched: 1, enqueued: 1, skipped: 0, outcome: 'matched' },
    ],
    [
      'all pipelines gone since the matching',
      none,
      none,
      { matched: 0, enqueued: 0, skipped: 0, outcome: 'unmatched' },
    ],
  ])('%s', (_, enqueued, skipped, account) => {
    expect(accountSignal(plan, enqueued, skipped)).toEqual({ signal_id: 's1', ...account });
  });
});
