import { createHash } from 'node:crypto';
import type { ClosedBar } from '../market/bar.ts';
import { confidenceOf, declareGenerator } from './generator.ts';

/** Share of the bars that get a signal. */
const SHARE = 0.05;

/**
 * Emits signals at random, whatever the prices do: for demonstrations, and to try the way from a signal to an order. The
 * seed and the bar's time decide, so the same bar gets the same signal after a restart. Runs only if it is asked for.
 */
export const mock = declareGenerator({
  name: 'mock',
  signals: { mock: 'A random signal, whatever the prices do; only if MOCK_GENERATOR asks for it' },
  create(seed) {
    return {
      awaits: () => 'mock',
      update(bar) {
        const [chance, side, strength] = drawThree(seed, bar);
        if (chance >= SHARE) return undefined;
        return {
          type: 'mock',
          direction: side < 0.5 ? 'BULLISH' : 'BEARISH',
          confidence: confidenceOf(strength),
          reasoning: `Random, from the seed ${seed}: says nothing about the market.`,
          indicators: { seed },
        };
      },
    };
  },
});

/** Returns three numbers from 0 to below 1 that look random and depend only on the seed and the bar. */
function drawThree(seed: number, { symbol, timeframe, open_time }: ClosedBar): [number, number, number] {
  const bytes = createHash('sha256').update([seed, symbol, timeframe, open_time].join('|')).digest();
  const draw = (offset: number) => bytes.readUInt32BE(offset) / 2 ** 32;
  return [draw(0), draw(4), draw(8)];
}
