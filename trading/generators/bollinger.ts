import { BollingerBands } from 'trading-signals';
import type { SignalDraft } from '../signals/signal.ts';
import { confidenceOf, declareGenerator, inWords } from './generator.ts';

const BARS = 20;
const DEVIATIONS = 2;
/** Distance from the band, in standard deviations, at which confidence reaches 100. */
const FULL_STRENGTH = 1;

type Place = 'below' | 'within' | 'above';

/**
 * Emits a signal when the close leaves the Bollinger bands: BULLISH below the lower band, BEARISH above the upper band.
 * Confidence grows with the distance from the band, in standard deviations.
 */
export const bollinger = declareGenerator({
  name: 'bollinger',
  signals: { bollinger: 'The close leaves the Bollinger bands (20 bars, 2 standard deviations)' },
  create() {
    const bands = new BollingerBands(BARS, DEVIATIONS);
    let before: Place | undefined;
    return {
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
  },
});

interface Band {
  readonly lower: number;
  readonly middle: number;
  readonly upper: number;
}

function placeOf(close: number, { lower, upper }: Band): Place {
  if (close < lower) return 'below';
  return close > upper ? 'above' : 'within';
}

function draft(close: number, place: 'below' | 'above', { lower, middle, upper }: Band): SignalDraft<'bollinger'> {
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
