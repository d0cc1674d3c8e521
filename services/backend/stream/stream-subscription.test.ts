import { describe, expect, it } from 'vitest';
import { matchesSubscription, parseSubscription, type StreamEvent } from './stream-subscription.ts';

describe('parseSubscription', () => {
  it.each([
    [{}, ['signals', 'executions'], undefined],
    [{ channels: 'executions, signals' }, ['executions', 'signals'], undefined],
    [{ channels: 'signals', pipeline_id: 'p1' }, ['signals'], 'p1'],
  ])('parses %j', (query, channels, pipelineId) => {
    expect(parseSubscription(query)).toEqual({ channels: new Set(channels), pipelineId });
  });

  it.each([
    [{ channels: 'signals,' }, 'unknown channel ""'],
    [{ channels: 'Signals' }, 'unknown channel "Signals"'],
    [{ channels: ['signals', 'executions'] }, 'is given twice'],
    [{ chanels: 'signals' }, 'unknown parameter "chanels"'],
    [{ pipeline_id: 'Not An Id' }, 'pipeline_id'],
  ])('refuses %j with a reason', (query, reason) => {
    expect(parseSubscription(query)).toEqual({ refused: expect.stringContaining(reason) });
  });

  it('returns a reason that fits into a close frame and splits no character', () => {
    const result = parseSubscription({ [`ü${'€'.repeat(200)}`]: '1' });
    const { refused } = result as { refused: string };
    expect(Buffer.byteLength(refused)).toBeLessThanOrEqual(123);
    expect(refused).not.toContain('\uFFFD');
  });
});

describe('matchesSubscription', () => {
  const event: StreamEvent = { channel: 'signals', type: 'signal', data: {}, pipelineIds: ['a', 'b'] };
  it('compares the channel, and the pipeline if the subscription names one', () => {
    const signals = new Set(['signals'] as const);
    expect(matchesSubscription({ channels: signals, pipelineId: undefined }, event)).toBe(true);
    expect(matchesSubscription({ channels: signals, pipelineId: 'b' }, event)).toBe(true);
    expect(matchesSubscription({ channels: signals, pipelineId: 'c' }, event)).toBe(false);
    expect(matchesSubscription({ channels: new Set(['executions']), pipelineId: undefined }, event)).toBe(false);
  });
});
