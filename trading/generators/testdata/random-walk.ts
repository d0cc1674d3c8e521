import type { Series, SourceBar } from '../../market/bar.ts';

/**
 * Returns a daily series whose close moves by up to 3 % per bar. The bars are always the same, and produce signals of
 * every type within a few laps.
 */
export function randomWalk(length: number): Series {
  const bars: SourceBar[] = [];
  let [seed, open] = [1, 100];
  for (let index = 0; index < length; index += 1) {
    // The "minimal standard" random number generator by Park and Miller, 1988.
    seed = (seed * 48_271) % 2_147_483_647;
    const close = open * (1 + 0.03 * ((2 * seed) / 2_147_483_647 - 1));
    const time = Date.UTC(2000, 0, 1) + index * 86_400_000;
    bars.push({ time, open, high: Math.max(open, close), low: Math.min(open, close), close, volume: index });
    open = close;
  }
  return { symbol: 'WALK', timeframe: '1d', bars };
}
