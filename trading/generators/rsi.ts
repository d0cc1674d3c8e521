import { RSI } from 'trading-signals';
import type { SignalDraft } from '../signals/signal-draft.ts';
import { confidenceOf, inWords } from './confidence.ts';
import type { Generator } from './generator.ts';

const BARS = 14;
const OVERSOLD = 30;
const OVERBOUGHT = 70;
/** So far beyond its limit the index is as clear as it gets. */
const FULL_STRENGTH = 10;

/**
 * Where the relative strength index (Wilder's smoothing) leaves 30..70: below is oversold and BULLISH, above is
 * overbought and BEARISH. Confidence: how far beyond the limit.
 */
export function createRsi(): Generator {
  const index = new RSI(BARS);
  let before: number | undefined;
  return {
    name: 'rsi',
    awaits: () => 'rsi',
    update({ close }) {
      const value = index.add(close) ?? undefined;
      const previous = before;
      before = value;
      if (value === undefined || previous === undefined) return undefined;
      if (value < OVERSOLD && previous >= OVERSOLD) return draft(value, 'oversold', OVERSOLD - value);
      if (value > OVERBOUGHT && previous <= OVERBOUGHT) return draft(value, 'overbought', value - OVERBOUGHT);
      return undefined;
    },
  };
}

function draft(value: number, state: 'oversold' | 'overbought', beyond: number): SignalDraft {
  const oversold = state === 'oversold';
  return {
    type: 'rsi',
    direction: oversold ? 'BULLISH' : 'BEARISH',
    confidence: confidenceOf(beyond / FULL_STRENGTH),
    reasoning: `The ${BARS}-bar relative strength index ${oversold ? 'fell' : 'rose'} to ${inWords(value)}, ${oversold ? `below ${OVERSOLD}` : `above ${OVERBOUGHT}`}: ${state}.`,
    indicators: { [`rsi_${BARS}`]: value },
  };
}
