/**
 * Checks the variables that OpenTelemetry's exporters read themselves. If a value is wrong, an exporter only warns and
 * then sends nothing. This check makes the process fail at the start instead.
 */
import { accessSync, constants } from 'node:fs';
import { showValue } from '#base/mask-secrets.ts';
import { type Address, AddressError, findAddressFault, parseHttpAddress } from '#base/parse-address.ts';
import type { ExportSignal, exporterVariables } from './variables.ts';

/**
 * Returns what the value of a variable must be, or undefined if the value is valid. `isCommon`: the variable is that for
 * all signals.
 */
type Check = (value: string, isCommon: boolean) => string | undefined;

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

/** The exporters leave out any other pair without a word, and the collector then refuses every request. */
function isHeader(pair: string): boolean {
  const [, value] = /^\s*[\w!#$%&'*+.^`|~-]+\s*=(.*)$/s.exec(pair) ?? [];
  if (value === undefined) return false;
  try {
    decodeURIComponent(value);
    return true;
  } catch {
    return false;
  }
}

function parseEndpoint(text: string): Address {
  const address = parseHttpAddress(text);
  // The exporters leave out a user and a password, and the collector would refuse every request.
  if (address.credentials !== undefined)
    throw new AddressError(
      'user and password are not sent: set OTEL_EXPORTER_OTLP_HEADERS=Authorization=Basic%20…, with USER:PASSWORD in Base64',
    );
  return address;
}

/**
 * Checks of values, keyed by the end of the variable's name after OTEL_EXPORTER_OTLP_ or OTEL_EXPORTER_OTLP_<signal>_.
 */
const checks: Readonly<Partial<Record<keyof typeof exporterVariables | 'TEMPORALITY_PREFERENCE', Check>>> = {
  ENDPOINT: (value, isCommon) => {
    const fault =
      findAddressFault(value, parseEndpoint) ??
      (isCommon && /\/v1\/(traces|metrics|logs)\/?$/.test(value) ? 'leave out /v1/…, which is appended' : undefined);
    return fault && `must be a URL such as http://collector:4318; ${fault}`;
  },
  HEADERS: (value) => {
    const wrong = value.split(',').findIndex((pair) => pair.trim() !== '' && !isHeader(pair));
    return wrong < 0 ? undefined : `pair ${wrong + 1} must be name=value, with % as %25 and a comma as %2C`;
  },
  TIMEOUT: (value) => (Number(value) > 0 ? undefined : 'must be milliseconds, above 0'),
  COMPRESSION: oneOf('gzip', 'none'),
  CERTIFICATE: isReadable,
  CLIENT_CERTIFICATE: isReadable,
  CLIENT_KEY: isReadable,
  TEMPORALITY_PREFERENCE: oneOf('cumulative', 'delta', 'lowmemory'),
};

/**
 * Checks the variables that apply to the exporters of `signals`.
 * @throws Error that names a wrong variable and its possible values
 */
export function checkExporterVariables(env: Readonly<NodeJS.ProcessEnv>, signals: readonly ExportSignal[]): void {
  for (const [end, check] of Object.entries(checks)) {
    for (const name of signals.map((signal) => setVariable(env, signal, end))) {
      const value = env[name]?.trim();
      const wrong = value && check(value, name === `OTEL_EXPORTER_OTLP_${end}`);
      if (wrong) throw new Error(`${name}=${showValue(name, value)}: ${wrong}`);
    }
  }
}

/**
 * Returns the name of the variable that applies to `signal` (traces, metrics or logs): the signal's own variable if it
 * is set, else the variable for all signals.
 */
function setVariable(env: Readonly<NodeJS.ProcessEnv>, signal: ExportSignal, end: string): string {
  const own = `OTEL_EXPORTER_OTLP_${signal}_${end}`;
  return env[own]?.trim() ? own : `OTEL_EXPORTER_OTLP_${end}`;
}
