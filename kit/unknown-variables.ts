import { editDistance, findNearest } from '#base/find-nearest.ts';
import { variableNames } from './variable-names.ts';

interface UnknownVariable {
  readonly variable: string;
  /** Name of the known variable that was probably meant; absent if no known name is similar. */
  readonly nearest?: string;
}

/**
 * Variables that Kubernetes sets in every pod for each Service (service links). For a Service called kafka:
 * KAFKA_SERVICE_HOST, KAFKA_SERVICE_PORT_HTTP, KAFKA_PORT, KAFKA_PORT_9092_TCP_ADDR and so on.
 */
const SERVICE_LINK = /_SERVICE_HOST$|_SERVICE_PORT(_\w+)?$|_PORT(_\d+_(TCP|UDP|SCTP)(_(ADDR|PORT|PROTO))?)?$/;

/**
 * Maximum edit distance at which an unknown OTEL_ variable counts as a mistyped name of a known variable. OpenTelemetry
 * has many more standard variables than we read, and every release adds some.
 */
const MOST_OTEL_EDITS = 3;
/**
 * Standard variables of OpenTelemetry that we do not read, although their names are within MOST_OTEL_EDITS of a known
 * name.
 */
const OTHER_OTEL = /^OTEL_(EXPORTER_OTLP_(TRACES_|METRICS_|LOGS_)?INSECURE|PROPAGATORS|LOG_LEVEL)$|_LIMIT$/;

/**
 * Finds variables that no process reads, although they begin with the same word (KAFKA_, OTEL_) as a variable that this
 * process reads. A variable of another process of the platform counts as known, because `make up` passes the same
 * environment to all processes. Returns names only, never values. Pure.
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
