import { createBollinger } from './bollinger.ts';
import type { Generator, GeneratorName } from './generator.ts';
import { createMacd } from './macd.ts';
import { createMovingAverageCross } from './moving-average-cross.ts';
import { createRsi } from './rsi.ts';

/** Every generator, by its name. To add one: its file, its line here, its name and its signal types in the catalogue. */
const makers: Record<GeneratorName, () => Generator> = {
  'moving-average-cross': createMovingAverageCross,
  rsi: createRsi,
  macd: createMacd,
  bollinger: createBollinger,
};

/** One of each, new, for the bars of one symbol. */
export function createGenerators(): Generator[] {
  return Object.values(makers).map((make) => make());
}
