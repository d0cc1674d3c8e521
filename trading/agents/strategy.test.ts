import { describe, expect, it } from 'vitest';
import { decideStrategy } from './strategy.ts';

const bullish = { direction: 'BULLISH', confidence: 80 } as const;
const bearish = { direction: 'BEARISH', confidence: 80 } as const;

describe('decideStrategy', () => {
  it.each([
    ['follows a signal that the bias confirms', bullish, { direction: 'BULLISH', strength: 100 }, 'BUY', 86],
    [
      'follows a strong signal against the bias with less confidence',
      bearish,
      { direction: 'BULLISH', strength: 50 },
      'SELL',
      41,
    ],
    [
      'waits when the bias outweighs a weak signal',
      { ...bullish, confidence: 50 },
      { direction: 'BEARISH', strength: 100 },
      'WAIT',
      5,
    ],
    [
      'waits on a neutral signal',
      { direction: 'NEUTRAL', confidence: 90 },
      { direction: 'BULLISH', strength: 100 },
      'WAIT',
      30,
    ],
    ['follows the bias in a manual run', undefined, { direction: 'BEARISH', strength: 80 }, 'SELL', 80],
    ['follows the signal without a bias stage', bullish, undefined, 'BUY', 80],
    ['waits without a signal and without a bias', undefined, undefined, 'WAIT', 0],
  ] as const)('%s', (_title, signal, bias, action, confidence) => {
    const decided = decideStrategy(signal, bias);
    expect(decided.action).toBe(action);
    expect(decided.confidence).toBeCloseTo(confidence, 9);
  });
});
