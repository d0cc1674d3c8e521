/**
 * The list of all generators. Everything else derives from it: generator names, signal types, the catalogue's label
 * values, the CRD's enum, the docs. To add a generator, write its file, add one line to `generators`, and write its test.
 */
import { bollinger } from './bollinger.ts';
import { macd } from './macd.ts';
import { movingAverageCross } from './moving-average-cross.ts';
import { rsi } from './rsi.ts';

/** The order is the order of the values in docs, CRD and error messages. */
export const generators = [movingAverageCross, rsi, macd, bollinger] as const;

type Declaration = (typeof generators)[number];
export type GeneratorName = Declaration['name'];
type KeysOfEach<Each> = Each extends object ? keyof Each : never;
export type SignalType = KeysOfEach<Declaration['signals']>;

export const generatorNames = generators.map(({ name }) => name) as [GeneratorName, ...GeneratorName[]];

/** The signal types the platform generates, each with its meaning. */
export const signalTypes = Object.fromEntries(generators.flatMap(({ signals }) => Object.entries(signals))) as Readonly<
  Record<SignalType, string>
>;
export const signalTypeNames = Object.keys(signalTypes) as [SignalType, ...SignalType[]];
