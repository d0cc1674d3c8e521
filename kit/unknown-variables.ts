import { editDistance, findNearest } from '#base/find-nearest.ts';
import { variableNames } from './variable-names.ts';

export interface UnknownVariable {
  readonly variable: string;
  /** The known variable that was probably meant. */
  readonly nearest?: string;
}

/**
 * What Kubernetes sets in a pod for a Service called kafka (service links): KAFKA_SERVICE_HOST, KAFKA_SERVICE_PORT_HTTP,
 * KAFKA_PORT, KAFKA_PORT_9092_TCP_ADDR and the like.
 */
const SERVICE_LINK = /_SERVICE_HOST$|_SERVICE_PORT(_\w+)?$|_PORT(_\d+_(TCP|UDP|SCTP)(_(ADDR|PORT|PROTO))?)?$/;

/**
 * OpenTelemetry has many more standard variables than we read, and every release adds some. Under its prefix only a name this
 * near to one of ours counts as a mistake.
 */
const MOST_OTEL_EDITS = 3;
/** Standard variables that are that near to one of ours. */
const OTHER_OTEL = /^OTEL_(EXPORTER_OTLP_(TRACES_|METRICS_|LOGS_)?INSECURE|PROPAGATORS|LOG_LEVEL)$|_LIMIT$/;

/**
 * Finds variables that nothing reads, although their first word (KAFKA_, OTEL_) is that of a variable the process reads. A variable
 * of another process of ours is not unknown: `make up` passes one environment to all. Returns names only, never values. Pure.
 * @param own the variables that this process reads
 */
export function findUnknownVariables(env: Readonly<NodeJS.ProcessEnv>, own: Iterable<string>): UnknownVariable[] {
  const ownNames = new Set(own);
  const known = new Set([...ownNames, ...variableNames]);
  const prefixes = new Set([...ownNames].filter((name) => name.includes('_')).map(firstWord));
  return Object.entries(env)
    .filter(([variable, value]) => value !== '' && prefixes.has(firstWord(variable)) && !known.has(variable))
    .filter(([variable]) => variable.includes('_') && !SERVICE_LINK.test(variable))
    .map(([variable]) => {
      const nearest = findNearest(variable, known);
      return { variable, ...(nearest !== undefined && { nearest }) };
    })
    .filter(isMistake)
    .sort((a, b) => a.variable.localeCompare(b.variable));
}

function firstWord(variable: string): string {
  return variable.split('_', 1)[0] ?? '';
}

function isMistake({ variable, nearest }: UnknownVariable): boolean {
  if (!variable.startsWith('OTEL_')) return true;
  if (nearest === undefined || OTHER_OTEL.test(variable)) return false;
  return editDistance(variable, nearest) <= MOST_OTEL_EDITS;
}
