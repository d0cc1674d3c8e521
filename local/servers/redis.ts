import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { portAnswers } from './probes.ts';
import type { Server } from './server.ts';

interface RedisOptions {
  readonly program: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly port: number;
  /** The password that clients need; without one, every user of the machine may connect. */
  readonly password?: string;
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
      configFile(options),
      ...['--bind', '127.0.0.1', '--port', String(options.port), '--dir', options.folder, '--save', ''],
      // A job queue must not lose jobs: unless `throwAway`, writes reach the disk within a second; Redis evicts nothing
      ...['--appendonly', options.throwAway ? 'no' : 'yes', '--maxmemory-policy', 'noeviction'],
      ...(options.settings ?? []),
    ],
    environment: options.environment,
    prepare: () => {
      mkdirSync(options.folder, { recursive: true, mode: 0o700 });
      // in a file, because every user of the machine can read the arguments of a process
      const { password } = options;
      writeFileSync(configFile(options), password ? `requirepass ${password}\n` : '', { mode: 0o600 });
    },
    // without the password Redis answers with an error, which is an answer too
    ready: () => portAnswers(options.port, 'PING\r\n'),
  };
}

const configFile = ({ folder }: RedisOptions): string => join(folder, 'redis.conf');
