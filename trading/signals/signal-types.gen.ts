// Generated from trading/generators/: run `make generate`.
export const generatorNames = ['moving-average-cross', 'rsi', 'macd', 'bollinger', 'mock'] as const;
export type GeneratorName = (typeof generatorNames)[number];

/** The signal types the platform generates, each with its meaning. */
export const signalTypes = {
  golden_cross: "The 50-close simple moving average rises above the 200-close one",
  death_cross: "The 50-close simple moving average falls below the 200-close one",
  rsi: "The 14-bar relative strength index leaves 30..70",
  macd: "The MACD line (12, 26) crosses its signal line (9)",
  bollinger: "The close leaves the Bollinger bands (20 bars, 2 standard deviations)",
  mock: "A random signal, whatever the prices do; only if MOCK_GENERATOR asks for it",
} as const;
export type SignalType = keyof typeof signalTypes;
export const signalTypeNames = Object.keys(signalTypes) as [SignalType, ...SignalType[]];

/** The generator that emits each signal type. */
export const generatorOf = {
  golden_cross: 'moving-average-cross',
  death_cross: 'moving-average-cross',
  rsi: 'rsi',
  macd: 'macd',
  bollinger: 'bollinger',
  mock: 'mock',
} as const satisfies Record<SignalType, GeneratorName>;
