import { BollingerBands } from 'trading-signals';
import type { SignalDraft } from '../signals/signal-draft.ts';
import { confidenceOf, inWords } from './confidence.ts';
import type { Generator } from './generator.ts';

const BARS = 20;
const DEVIATIONS = 2;
/** So many standard deviations beyond a band the close is as clear as it gets. */
const FULL_STRENGTH = 1;

type Place = 'below' | 'within' | 'above';

/**
 * Where the close leaves the Bollinger bands: below the lower one is stretched downwards and BULLISH, above the upper
 * one BEARISH. Confidence: how many standard deviations beyond the band.
 */
export function createBollinger(): Generator {
  const bands = new BollingerBands(BARS, DEVIATIONS);
  let before: Place | undefined;
  return {
    name: 'bollinger',
    awaits: () => 'bollinger',
    update({ close }) {
      const band = bands.add(close);
      if (band === null) return undefined;
      const previous = before;
      const place = placeOf(close, band);
      before = place;
      if (previous === undefined || place === 'within' || place === previous) return undefined;
      return draft(close, place, band);
    },
  };
}

interface Band {
  readonly lower: number;
  readonly middle: number;
  readonly upper: number;
}

function placeOf(close: number, { lower, upper }: Band): Place {
  if (close < lower) return 'below';
  return close > upper ? 'above' : 'within';
}

function draft(close: number, place: 'below' | 'above', { lower, middle, upper }: Band): SignalDraft {
  const deviation = (upper - middle) / DEVIATIONS;
  const edge = place === 'below' ? lower : upper;
  const beyond = Math.abs(close - edge) / (deviation || Number.MIN_VALUE);
  return {
    type: 'bollinger',
    direction: place === 'below' ? 'BULLISH' : 'BEARISH',
    confidence: confidenceOf(beyond / FULL_STRENGTH),
    reasoning: `The close ${inWords(close)} ${place === 'below' ? 'fell below the lower' : 'rose above the upper'} ${BARS}-bar Bollinger band ${inWords(edge)}, by ${inWords(beyond)} standard deviations.`,
    indicators: { lower, middle, upper },
  };
}
