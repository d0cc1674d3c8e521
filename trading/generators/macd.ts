import { EMA, MACD } from 'trading-signals';
import type { SignalDraft } from '../signals/signal-draft.ts';
import { confidenceOf, inWords } from './confidence.ts';
import type { Generator } from './generator.ts';
import { TypicalMove } from './typical-move.ts';

const FAST = 12;
const SLOW = 26;
const SIGNAL = 9;
/** A histogram of this share of a typical move, on the bar of the cross, is as clear as it gets. */
const FULL_STRENGTH = 0.25;

/**
 * Where the MACD line crosses its signal line: above is BULLISH, below is BEARISH. Lines that are equal have not
 * crossed. Confidence: how far apart they already are, in typical moves.
 */
export function createMacd(): Generator {
  const signalLine = new EMA(SIGNAL);
  const macd = new MACD(new EMA(FAST), new EMA(SLOW), signalLine);
  const move = new TypicalMove(SLOW);
  let side = 0;
  return {
    name: 'macd',
    awaits: () => 'macd',
    update({ close }) {
      const [value, typical] = [macd.add(close), move.update(close)];
      if (value === null || !signalLine.isStable) return undefined;
      const before = side;
      side = Math.sign(value.histogram) || side;
      if (before === 0 || side === before) return undefined;
      return draft(value, Math.abs(value.histogram) / (typical || Number.MIN_VALUE));
    },
  };
}

function draft(
  { macd, signal, histogram }: { macd: number; signal: number; histogram: number },
  moves: number,
): SignalDraft {
  const above = histogram > 0;
  return {
    type: 'macd',
    direction: above ? 'BULLISH' : 'BEARISH',
    confidence: confidenceOf(moves / FULL_STRENGTH),
    reasoning: `The MACD line (${FAST}, ${SLOW}) ${inWords(macd)} crossed ${above ? 'above' : 'below'} its ${SIGNAL}-bar signal line ${inWords(signal)}, by ${inWords(moves)} typical moves.`,
    indicators: { macd, signal, histogram },
  };
}
