/** The variables that OpenTelemetry's exporters read themselves. Of a wrong one they only warn, and then send nowhere. */
import { accessSync, constants } from 'node:fs';

/** As the variables name it. */
export type Signal = 'TRACES' | 'METRICS' | 'LOGS';

/** What is wrong with a value; nothing when it is right. */
type Check = (value: string) => string | undefined;

const oneOf =
  (...choices: readonly string[]): Check =>
  (value) =>
    choices.includes(value.toLowerCase()) ? undefined : `must be one of ${choices.join(', ')}`;

const isReadable: Check = (file) => {
  try {
    accessSync(file, constants.R_OK);
    return undefined;
  } catch (error) {
    return `must be a file that can be read (${(error as NodeJS.ErrnoException).code})`;
  }
};

/** By the end of the name, which comes after OTEL_EXPORTER_OTLP_ and, where it is of one signal, the signal. */
const checks: Readonly<Record<string, Check>> = {
  ENDPOINT: (value) =>
    /^https?:/.test(value) && URL.canParse(value) ? undefined : 'must be a URL such as http://collector:4318',
  TIMEOUT: (value) => (Number(value) > 0 ? undefined : 'must be milliseconds, above 0'),
  COMPRESSION: oneOf('gzip', 'none'),
  CERTIFICATE: isReadable,
  CLIENT_CERTIFICATE: isReadable,
  CLIENT_KEY: isReadable,
  TEMPORALITY_PREFERENCE: oneOf('cumulative', 'delta', 'lowmemory'),
};

/** @throws Error that names the variable, and what it can be */
export function checkExporterVariables(env: Readonly<NodeJS.ProcessEnv>, signals: readonly Signal[]): void {
  for (const [end, check] of Object.entries(checks)) {
    for (const name of signals.map((signal) => setVariable(env, signal, end))) {
      const value = env[name]?.trim();
      const wrong = value && check(value);
      if (wrong) throw new Error(`${name}=${value}: ${wrong}`);
    }
  }
}

/** The one of a signal goes before the one of all. */
function setVariable(env: Readonly<NodeJS.ProcessEnv>, signal: Signal, end: string): string {
  const own = `OTEL_EXPORTER_OTLP_${signal}_${end}`;
  return env[own]?.trim() ? own : `OTEL_EXPORTER_OTLP_${end}`;
}
