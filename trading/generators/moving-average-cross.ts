import { SMA } from 'trading-signals';
import type { SignalDraft } from '../signals/signal-draft.ts';
import { confidenceOf, inWords } from './confidence.ts';
import type { Generator } from './generator.ts';
import { TypicalMove } from './typical-move.ts';

const FAST = 50;
const SLOW = 200;
/** A cross at which the lines close in by this share of a typical move a bar is as clear as it gets. */
const FULL_STRENGTH = 0.4;

/**
 * golden_cross where the 50-close average comes to stand above the 200-close one, death_cross where it comes to stand
 * below. Averages that are equal have not crossed. Confidence: how fast the averages move against each other at the
 * cross, in typical moves.
 */
export function createMovingAverageCross(): Generator {
  const fast = new SMA(FAST);
  const slow = new SMA(SLOW);
  const move = new TypicalMove(FAST);
  let side = 0;
  let spread = 0;
  return {
    name: 'moving-average-cross',
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
}

function draft(golden: boolean, fast: number, slow: number, movesPerBar: number): SignalDraft {
  return {
    type: golden ? 'golden_cross' : 'death_cross',
    direction: golden ? 'BULLISH' : 'BEARISH',
    confidence: confidenceOf(movesPerBar / FULL_STRENGTH),
    reasoning: `The ${FAST}-bar average ${inWords(fast)} ${golden ? 'rose above' : 'fell below'} the ${SLOW}-bar average ${inWords(slow)}, closing in by ${inWords(movesPerBar)} typical moves a bar.`,
    indicators: { [`sma_${FAST}`]: fast, [`sma_${SLOW}`]: slow },
  };
}
