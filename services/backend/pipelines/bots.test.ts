import { describe, expect, it } from 'vitest';
import { Exact, formatMoney } from '#trading/money.ts';
import { botStatusOf, pipelineStatusOf, shownBotStatuses } from '#trading/pipelines/pipeline-status.ts';
import { valueBot } from './bots.ts';

describe('valueBot', () => {
  it('adds realised and unrealised profit, including closed positions', () => {
    const holding = { pipelineId: 'p', symbol: 'GOOG', quantity: '2', averagePrice: '10', realisedPnlUsd: '0.1' };
    const closed = { ...holding, symbol: 'X', quantity: '0', realisedPnlUsd: '0.2' };
    const { realisedPnlUsd, unrealisedPnlUsd, pnlUsd } = valueBot([holding, closed], () => new Exact('10.05'));
    expect([realisedPnlUsd, unrealisedPnlUsd, pnlUsd].map(formatMoney)).toEqual(['0.3', '0.1', '0.4']);
  });
});

describe('the statuses of bots', () => {
  it('map to the statuses of pipelines and back', () => {
    expect(shownBotStatuses.map((status) => botStatusOf[pipelineStatusOf[status]])).toEqual([...shownBotStatuses]);
  });
});
