import { mkdirSync } from 'node:fs';
import { portAnswers } from './probes.ts';
import type { Server } from './server.ts';

interface RedisOptions {
  readonly program: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly port: number;
  /** If true, keeps data in memory only, for tests. */
  readonly throwAway?: boolean;
  /** Further settings, as arguments of redis-server. */
  readonly settings?: readonly string[];
}

export function buildRedis(options: RedisOptions): Server {
  return {
    name: 'redis',
    command: options.program,
    args: [
      ...['--bind', '127.0.0.1', '--port', String(options.port), '--dir', options.folder, '--save', ''],
      // A job queue must not lose jobs: unless `throwAway`, writes reach the disk within a second; Redis evicts nothing
      ...['--appendonly', options.throwAway ? 'no' : 'yes', '--maxmemory-policy', 'noeviction'],
      ...(options.settings ?? []),
    ],
    environment: options.environment,
    prepare: () => {
      mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    },
    ready: () => portAnswers(options.port, 'PING\r\n'),
  };
}
