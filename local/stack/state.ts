import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { DatabaseService } from '#platform/service-grants.ts';
import type { Ports } from './ports.ts';

export const repository = resolve(import.meta.dirname, '..', '..');

/** The files and folders of one stack. All paths are absolute. */
export interface StatePaths {
  readonly root: string;
  readonly logs: string;
  /** The folder with one file per started process. */
  readonly processes: string;
  readonly data: string;
  readonly credentials: string;
  readonly prometheusConfig: string;
  readonly postgresData: string;
  readonly kubeconfig: string;
  readonly settings: string;
  readonly lock: string;
}

/** Returns the paths under `.local` in the repository, or under TRADING_PLATFORM_STATE, so that several stacks can exist side by side. */
export function statePaths(environment: NodeJS.ProcessEnv = process.env): StatePaths {
  const root = resolve(environment.TRADING_PLATFORM_STATE || join(repository, '.local'));
  const at = (...path: string[]) => join(root, ...path);
  return {
    root,
    logs: at('log'),
    processes: at('process'),
    data: at('data'),
    credentials: at('credentials'),
    prometheusConfig: at('prometheus'),
    postgresData: postgresFolder(root),
    kubeconfig: at('kubeconfig'),
    settings: at('settings.json'),
    lock: at('lock'),
  };
}

/**
 * Returns the data folder of Postgres. If this program runs as root, the folder is under /var/lib, because Postgres
 * then runs as another user, who may have no access to the folders above the repository.
 */
function postgresFolder(root: string): string {
  if (process.getuid?.() !== 0) return join(root, 'data', 'postgres');
  const id = createHash('sha256').update(root).digest('hex').slice(0, 12);
  return join('/var/lib/trading-platform', id, 'postgres');
}

/** Values that `up` chooses and that later commands need. */
export interface Settings {
  readonly ports: Ports;
  readonly postgresPassword: string;
  /** The passwords of the roles with which the services connect to Postgres, by service. */
  readonly servicePasswords: Readonly<Record<DatabaseService, string>>;
  readonly redisPassword: string;
  readonly kafkaPassword: string;
  readonly grafanaPassword: string;
  /** The token with which the operator declares pipelines to the backend. */
  readonly pipelinesApiToken: string;
}

export function readSettings(paths: StatePaths): Settings | undefined {
  if (!existsSync(paths.settings)) return undefined;
  return JSON.parse(readFileSync(paths.settings, 'utf8')) as Settings;
}

export function writeSettings(paths: StatePaths, settings: Settings): void {
  mkdirSync(paths.root, { recursive: true, mode: 0o700 });
  writeFileSync(paths.settings, `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600 });
}
