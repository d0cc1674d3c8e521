import { type SignalType, signalTypeNames } from './signal-types.gen.ts';

/**
 * The source of generated signals in metrics, such as `golden_cross_generator`. Users' queries spell it so. It says what
 * generated a signal; the source of a bar says where the market data came from.
 */
type SignalSource = `${SignalType}_generator`;

export function signalSourceOf<Type extends SignalType>(type: Type): `${Type}_generator` {
  return `${type}_generator`;
}

export const signalSources: readonly SignalSource[] = signalTypeNames.map(signalSourceOf);
