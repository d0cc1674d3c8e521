import { generators } from '#trading/generators/tape.ts';
import type { GeneratedFile } from './generated-file.ts';

/** The names of generators and signal types as plain data, because the catalogue must not load the package of indicators. */
export const signalTypesFile: GeneratedFile = { path: 'trading/signals/signal-types.gen.ts', build: buildSignalTypes };

function buildSignalTypes(): string {
  const names = generators.map(({ name }) => `'${name}'`);
  const types = generators.flatMap(({ signals }) => Object.entries(signals));
  const owners = generators.flatMap(({ name, signals }) => Object.keys(signals).map((type) => [type, name]));
  return `// Generated from trading/generators/: run \`make generate\`.
export const generatorNames = [${names.join(', ')}] as const;
export type GeneratorName = (typeof generatorNames)[number];

/** The signal types the platform generates, each with its meaning. */
export const signalTypes = {
${types.map(([type, meaning]) => `  ${type}: ${JSON.stringify(meaning)},`).join('\n')}
} as const;
export type SignalType = keyof typeof signalTypes;
export const signalTypeNames = Object.keys(signalTypes) as [SignalType, ...SignalType[]];

/** The generator that emits each signal type. */
export const generatorOf = {
${owners.map(([type, name]) => `  ${type}: '${name}',`).join('\n')}
} as const satisfies Record<SignalType, GeneratorName>;
`;
}
