import { RSI } from 'trading-signals';
import type { SignalDraft } from '../signals/signal.ts';
import { confidenceOf, declareGenerator, inWords } from './generator.ts';

const BARS = 14;
const OVERSOLD = 30;
const OVERBOUGHT = 70;
/** RSI points beyond the threshold at which confidence reaches 100. */
const FULL_STRENGTH = 10;

/**
 * Emits a signal when the relative strength index (Wilder's smoothing) leaves the range 30 to 70: BULLISH below 30
 * (oversold), BEARISH above 70 (overbought). Confidence grows with the distance from the threshold, in RSI points.
 */
export const rsi = declareGenerator({
  name: 'rsi',
  signals: { rsi: 'The 14-bar relative strength index leaves 30..70' },
  create() {
    const index = new RSI(BARS);
    let before: number | undefined;
    return {
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
  },
});

function draft(value: number, state: 'oversold' | 'overbought', beyond: number): SignalDraft<'rsi'> {
  const oversold = state === 'oversold';
  return {
    type: 'rsi',
    direction: oversold ? 'BULLISH' : 'BEARISH',
    confidence: confidenceOf(beyond / FULL_STRENGTH),
    reasoning: `The ${BARS}-bar relative strength index ${oversold ? 'fell' : 'rose'} to ${inWords(value)}, ${oversold ? `below ${OVERSOLD}` : `above ${OVERBOUGHT}`}: ${state}.`,
    indicators: { [`rsi_${BARS}`]: value },
  };
}
