import { SMA } from 'trading-signals';
import type { SignalDraft } from '../signals/signal.ts';
import { confidenceOf, declareGenerator, inWords, TypicalMove } from './generator.ts';

const FAST = 50;
const SLOW = 200;
/**
 * Speed at which the averages move towards each other, in typical moves (TypicalMove) per bar, at which confidence
 * reaches 100.
 */
const FULL_STRENGTH = 0.4;

/**
 * Emits a signal when the 50-close average crosses the 200-close average: golden_cross upwards, death_cross downwards.
 * Averages that only touch have not crossed. Confidence grows with the speed at which the averages cross.
 */
export const movingAverageCross = declareGenerator({
  name: 'moving-average-cross',
  signals: {
    golden_cross: 'The 50-close simple moving average rises above the 200-close one',
    death_cross: 'The 50-close simple moving average falls below the 200-close one',
  },
  create() {
    const fast = new SMA(FAST);
    const slow = new SMA(SLOW);
    const move = new TypicalMove(FAST);
    let side = 0;
    let spread = 0;
    return {
      awaits: () => (side > 0 ? 'death_cross' : 'golden_cross'),
      update({ close }) {
        const [fastValue, slowValue, typical] = [fast.add(close), slow.add(close), move.update(close)];
        if (fastValue === null || slowValue === null) return undefined;
        const [sideBefore, spreadBefore] = [side, spread];
        spread = fastValue - slowValue;
        side = Math.sign(spread) || side;
        if (sideBefore === 0 || side === sideBefore) return undefined;
        return draft(side > 0, fastValue, slowValue, Math.abs(spread - spreadBefore) / (typical || Number.MIN_VALUE));
      },
    };
  },
});

function draft(
  golden: boolean,
  fast: number,
  slow: number,
  movesPerBar: number,
): SignalDraft<'golden_cross' | 'death_cross'> {
  return {
    type: golden ? 'golden_cross' : 'death_cross',
    direction: golden ? 'BULLISH' : 'BEARISH',
    confidence: confidenceOf(movesPerBar / FULL_STRENGTH),
    reasoning: `The ${FAST}-bar average ${inWords(fast)} ${golden ? 'rose above' : 'fell below'} the ${SLOW}-bar average ${inWords(slow)}, closing in by ${inWords(movesPerBar)} typical moves a bar.`,
    indicators: { [`sma_${FAST}`]: fast, [`sma_${SLOW}`]: slow },
  };
}
