import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import type { ProcessName } from '#catalogue/services.ts';
import { version } from '../../version.gen.ts';

/** OpenTelemetry's own limit for keys and values of this variable. */
const LONGEST = 255;

interface DescribedProcess {
  readonly resource: Resource;
  /** For each pair of OTEL_RESOURCE_ATTRIBUTES that was left out, its name and why. */
  readonly leftOut: readonly LeftOut[];
}

export interface LeftOut {
  /** Its name, or its position if it has none. Never its value, which may be a secret. */
  readonly attribute: string;
  readonly reason: string;
}

/**
 * Returns the attributes of all telemetry of a process. OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME go before our own.
 * OpenTelemetry's detector drops all pairs of the variable, without a word, if one of them is wrong. Pure.
 */
export function describeProcess(process: ProcessName, env: Readonly<NodeJS.ProcessEnv>): DescribedProcess {
  const { attributes, leftOut } = parseAttributes(env.OTEL_RESOURCE_ATTRIBUTES ?? '');
  const name = env.OTEL_SERVICE_NAME?.trim();
  const resource = resourceFromAttributes({
    'service.name': process,
    'service.namespace': 'trading-platform',
    'service.version': version,
    ...attributes,
    ...(name && { 'service.name': name }),
  });
  return { resource, leftOut };
}

function parseAttributes(text: string): { attributes: Record<string, string>; leftOut: LeftOut[] } {
  const attributes: Record<string, string> = {};
  const leftOut: LeftOut[] = [];
  for (const [index, pair] of text.split(',').entries()) {
    if (pair.trim() === '') continue;
    const equals = pair.indexOf('=');
    const key = decode(pair.slice(0, Math.max(equals, 0)).trim());
    const value = decode(pair.slice(equals + 1).trim());
    const reason = findFault(equals, key, value);
    if (reason === undefined) attributes[key as string] = value as string;
    else leftOut.push({ attribute: (equals > 0 && key?.slice(0, 50)) || `pair ${index + 1}`, reason });
  }
  return { attributes, leftOut };
}

function findFault(equals: number, key: string | undefined, value: string | undefined): string | undefined {
  if (equals < 0) return 'expected name=value; write a comma in a value as %2C';
  if (key === '') return 'expected a name before the =';
  if (key === undefined || value === undefined) return 'a % is not followed by two hexadecimal digits; write it as %25';
  if (key.length > LONGEST || value.length > LONGEST) return `expected at most ${LONGEST} characters`;
  return undefined;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
