import { mkdirSync } from 'node:fs';
import { httpAnswers } from './probes.ts';
import type { Server } from './server.ts';

interface PrometheusOptions {
  readonly program: string;
  readonly workingFolder?: string;
  /** The configuration file, which prometheus-config-sync writes. */
  readonly configFile: string;
  readonly folder: string;
  readonly port: number;
  /** The flags that prometheus-operator sets for the container in its StatefulSet. */
  readonly operatorFlags: readonly string[];
}

export function buildPrometheusServer(options: PrometheusOptions): Server {
  const own = {
    'config.file': options.configFile,
    'storage.tsdb.path': options.folder,
    'web.listen-address': `127.0.0.1:${options.port}`,
    'web.external-url': `http://127.0.0.1:${options.port}/`,
    // By default, every web page that somebody opens on this machine may read all metrics.
    'web.cors.origin': 'https?://(localhost|127\\.0\\.0\\.1)(:\\d+)?',
  };
  return {
    name: 'prometheus',
    command: options.program,
    cwd: options.workingFolder,
    args: mergeFlags(options.operatorFlags, own),
    prepare: () => {
      mkdirSync(options.folder, { recursive: true });
    },
    ready: () => httpAnswers(`http://127.0.0.1:${options.port}/-/ready`),
    graceMs: 30_000,
  };
}

/**
 * Flags of Prometheus whose value is a path in its container. They are left out, because that path does not exist
 * outside the container.
 */
const inContainer = new Set(['web.config.file', 'web.console.templates', 'web.console.libraries']);

/**
 * Returns the flags that prometheus-operator sets for Prometheus, without flags that only work in the container. A flag
 * in `own` replaces the flag of the same name. Pure.
 */
export function mergeFlags(flags: readonly string[], own: Readonly<Record<string, string>>): string[] {
  const nameOf = (flag: string) => flag.replace(/^--/, '').split('=')[0] ?? '';
  const kept = flags.filter((flag) => !inContainer.has(nameOf(flag)) && !Object.hasOwn(own, nameOf(flag)));
  return [...kept, ...Object.entries(own).map(([name, value]) => `--${name}=${value}`)];
}

interface PrometheusOperatorOptions {
  readonly program: string;
  readonly kubeconfig: string;
  readonly port: number;
}

export function buildPrometheusOperator({ program, kubeconfig, port }: PrometheusOperatorOptions): Server {
  return {
    name: 'prometheus-operator',
    command: program,
    args: [`--web.listen-address=127.0.0.1:${port}`, '--log-level=info'],
    environment: { KUBECONFIG: kubeconfig },
    ready: () => httpAnswers(`http://127.0.0.1:${port}/healthz`),
  };
}
