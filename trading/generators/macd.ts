import { EMA, MACD } from 'trading-signals';
import type { SignalDraft } from '../signals/signal.ts';
import { confidenceOf, declareGenerator, inWords, TypicalMove } from './generator.ts';

const FAST = 12;
const SLOW = 26;
const SIGNAL = 9;
/**
 * Distance between the MACD line and its signal line on the bar where they cross, in typical moves (TypicalMove), at
 * which confidence reaches 100.
 */
const FULL_STRENGTH = 0.25;

/**
 * Emits a signal when the MACD line crosses its signal line: BULLISH upwards, BEARISH downwards. Lines that only touch
 * have not crossed. Confidence grows with the distance between the lines on the bar where they cross.
 */
export const macd = declareGenerator({
  name: 'macd',
  signals: { macd: 'The MACD line (12, 26) crosses its signal line (9)' },
  create() {
    const signalLine = new EMA(SIGNAL);
    const lines = new MACD(new EMA(FAST), new EMA(SLOW), signalLine);
    const move = new TypicalMove(SLOW);
    let side = 0;
    return {
      awaits: () => 'macd',
      update({ close }) {
        const [value, typical] = [lines.add(close), move.update(close)];
        if (value === null || !signalLine.isStable) return undefined;
        const before = side;
        side = Math.sign(value.histogram) || side;
        if (before === 0 || side === before) return undefined;
        return draft(value, Math.abs(value.histogram) / (typical || Number.MIN_VALUE));
      },
    };
  },
});

interface Lines {
  readonly macd: number;
  readonly signal: number;
  readonly histogram: number;
}

function draft({ macd, signal, histogram }: Lines, moves: number): SignalDraft<'macd'> {
  const above = histogram > 0;
  return {
    type: 'macd',
    direction: above ? 'BULLISH' : 'BEARISH',
    confidence: confidenceOf(moves / FULL_STRENGTH),
    reasoning: `The MACD line (${FAST}, ${SLOW}) ${inWords(macd)} crossed ${above ? 'above' : 'below'} its ${SIGNAL}-bar signal line ${inWords(signal)}, by ${inWords(moves)} typical moves.`,
    indicators: { macd, signal, histogram },
  };
}
