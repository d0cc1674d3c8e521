/**
 * Builds docs/configuration.md and kit/variable-names.ts from the schemas of the five processes, the variables of telemetry and
 * the ports of `make up`. Pure.
 */
import type { z } from 'zod';
import { CONTROLLER, type ProcessName, processNames } from '#catalogue/services.ts';
import { configSchema as controllerConfigSchema } from '#controller/config.ts';
import { processConfigSchema } from '#kit/config.ts';
import { type TelemetryVariable, telemetryVariables } from '#kit/telemetry/export/variables.ts';
import { portNames, portTable, portVariable } from '#local/stack/ports.ts';
import { configSchema as backendConfigSchema, migrationConfigSchema } from '../../services/backend/config.ts';
import { workerConfigSchema } from '../../services/celery-worker/config.ts';
import { configSchema as generatorConfigSchema } from '../../services/signal-generator/config.ts';
import { configSchema as dispatcherConfigSchema } from '../../services/trigger-dispatcher/config.ts';
import { table } from './metrics-page.ts';

interface Variable {
  readonly name: string;
  readonly processes: readonly ProcessName[];
  /** The default, written as the value of an environment variable; undefined if the variable has no default. */
  readonly default: string | undefined;
  readonly unit: string | undefined;
  readonly meaning: string | undefined;
  /** Whether the value is read as a number. */
  readonly isNumber: boolean;
}

const schemas: Readonly<Record<ProcessName, z.ZodObject>> = {
  backend: backendConfigSchema.extend(migrationConfigSchema.shape),
  'celery-worker': workerConfigSchema,
  'signal-generator': generatorConfigSchema,
  'trigger-dispatcher': dispatcherConfigSchema,
  [CONTROLLER]: controllerConfigSchema,
};

/** The variables of all schemas, sorted by name. A variable that several processes read with the same meaning appears once. */
export const processVariables: readonly Variable[] = mergeVariables(
  processNames.flatMap((process) =>
    Object.entries({ ...processConfigSchema.shape, ...schemas[process].shape }).map(([name, schema]) =>
      describeVariable(name, process, schema as z.ZodType),
    ),
  ),
);

function mergeVariables(variables: readonly Variable[]): Variable[] {
  const merged = new Map<string, Variable>();
  for (const variable of variables) {
    const key = `${variable.name} ${variable.meaning}`;
    const processes = [...(merged.get(key)?.processes ?? []), ...variable.processes];
    merged.set(key, { ...variable, processes });
  }
  return [...merged.values()].sort((a, b) => a.name.localeCompare(b.name, 'en'));
}

interface Definition {
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly defaultValue?: unknown;
}

/** Returns the schema and the schemas that it wraps, from the outside in: default, optional, pipe, and then the type itself. */
function unwrap(schema: z.ZodType): z.ZodType[] {
  const { innerType, in: input } = schema.def as Definition;
  const inner = innerType ?? input;
  return inner ? [schema, ...unwrap(inner)] : [schema];
}

function describeVariable(name: string, process: ProcessName, schema: z.ZodType): Variable {
  const chain = unwrap(schema);
  const value = chain.map(({ def }) => (def as Definition).defaultValue).find((one) => one !== undefined);
  const metas = chain.map((one) => one.meta());
  return {
    name,
    processes: [process],
    default: value === undefined || value === '' ? undefined : String(value),
    unit: metas.map((meta) => meta?.unit as string | undefined).find(Boolean),
    meaning: metas.map((meta) => meta?.description).find(Boolean),
    isNumber: chain.at(-1)?.def.type === 'number',
  };
}

const intro = `<!-- biome-ignore-all format: generated from the schemas of the processes; change those, then run make generate -->

# Configuration

Every environment variable that a process reads. A variable without a default is optional, unless its meaning says otherwise. An
empty value counts as not set. A process with a wrong value does not start: it names the variable and what it must be, and
shows the value unless it is a secret.

A variable that no process reads, but that begins like one (\`KAFKA_BROKER\`), is logged as a warning at the start, with the nearest
known name and without its value. What Kubernetes sets for Services (\`KAFKA_PORT\`, \`REDIS_SERVICE_HOST\`) and other standard \`OTEL_*\`
variables are not.

On a cluster the chart sets these variables ([values](../charts/trading-platform/README.md)); on a laptop \`make up\` passes its own
environment on to every process.`;

export function buildConfigurationPage(): string {
  const readBy = (isWanted: (processes: readonly ProcessName[]) => boolean) =>
    processVariables.filter(({ processes }) => isWanted(processes)).map(buildRow);
  const parts = [
    intro,
    section(
      'Every process',
      readBy(({ length }) => length === processNames.length),
    ),
    section(
      'Several services',
      readBy(({ length }) => length > 1 && length < processNames.length),
    ),
    ...processNames.map((name) =>
      section(
        name,
        readBy(([process, another]) => process === name && !another),
      ),
    ),
    section('Telemetry of every process', Object.entries(telemetryVariables).map(buildTelemetryRow), telemetryNote),
    section('`make up`', [...portNames.map(buildPortRow), ...stackRows], stackNote),
  ];
  return `${parts.join('\n\n')}\n`;
}

const heads = ['Variable', 'Read by', 'Default', 'Unit', 'Meaning'];

function section(title: string, rows: readonly (readonly string[])[], note?: string): string {
  return [`## ${title}`, ...(note ? [note] : []), table(heads, rows)].join('\n\n');
}

const code = (text: string | undefined) => (text === undefined ? '' : `\`${text}\``);

function buildRow({ name, processes, default: value, unit = '', meaning = '' }: Variable): string[] {
  const readers = processes.length === processNames.length ? 'all' : processes.join(', ');
  return [code(name), readers, code(value), unit, meaning];
}

const telemetryNote = `OpenTelemetry's standard variables, and one of ours. A variable for one signal, such as
\`OTEL_EXPORTER_OTLP_TRACES_ENDPOINT\`, takes precedence over the common one. [Telemetry](telemetry.md) says what is sent.`;

function buildTelemetryRow([name, { default: value, unit = '', meaning }]: [string, TelemetryVariable]): string[] {
  return [code(name), 'all', code(value), unit, meaning];
}

const stackNote = `Beside these, \`make up\` passes every variable above on to the processes, but for the addresses that it chooses itself. A port is
remembered from one \`make up\` to the next.`;

function buildPortRow(name: (typeof portNames)[number]): string[] {
  const { default: port, use } = portTable[name];
  return [code(portVariable(name)), 'make up', code(String(port)), 'port', `port of ${use}`];
}

const stackRows: readonly (readonly string[])[] = [
  ['`PORT_OFFSET`', 'make up', '`0`', '', 'added to every port that has no variable of its own'],
  [
    '`TRADING_PLATFORM_STATE`',
    'make up',
    '`.local`',
    '',
    "folder of the stack's data and logs; each folder is a stack of its own",
  ],
  [
    '`TRADING_PLATFORM_CACHE`',
    'make up',
    '`~/.cache/trading-platform`',
    '',
    'folder of the downloaded parts; for root the default is `/var/cache/trading-platform`',
  ],
  ['`ALERTMANAGER_CONFIG`', 'make up', '`local/config/alertmanager.yaml`', '', 'configuration file of Alertmanager'],
];

/** Builds kit/variable-names.ts, from which a process knows the variables of the other processes without importing them. */
export function buildVariableNames(): string {
  const names = [...new Set([...processVariables.map(({ name }) => name), ...Object.keys(telemetryVariables)])];
  const lines = names.sort().map((name) => `  '${name}',`);
  return `// Generated: run \`make generate\`.\n\n/** The variables that the processes of the platform read. */\nexport const variableNames: readonly string[] = [\n${lines.join('\n')}\n];\n`;
}
