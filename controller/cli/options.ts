/** Options that several commands share, and the parsers of their values. */
import { InvalidArgumentError, Option } from 'commander';
import { parseDurationSeconds } from '#base/duration.ts';
import { outputFormats } from './command-io.ts';

export const DEFAULT_PROMETHEUS = 'http://localhost:9090';

export function outputOption(): Option {
  return new Option('-o, --output <format>', 'print yaml or json').choices(outputFormats);
}

export function namespaceOption(description: string): Option {
  return new Option('-n, --namespace <name>', description);
}

export function kubeconfigOption(): Option {
  return new Option('--kubeconfig <file>', 'default: KUBECONFIG, ~/.kube/config, or the service account of the pod');
}

export function prometheusOption(): Option {
  return new Option('--prometheus <url>', 'base URL of Prometheus; may contain a path and user:password')
    .env('PROMETHEUS_URL')
    .default(DEFAULT_PROMETHEUS);
}

/** Parses a duration of at least one second, and returns the number of seconds. */
export function parseStep(text: string): number {
  const seconds = /^(\d+(h|m|s))+$/.test(text) ? parseDurationSeconds(text) : 0;
  if (seconds < 1) throw new InvalidArgumentError('Expected a duration such as 30s or 1m.');
  return seconds;
}

export function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) throw new InvalidArgumentError('Expected a whole number, at least 1.');
  return count;
}
