import { mkdirSync } from 'node:fs';
import { httpAnswers } from './probes.ts';
import type { Server } from './server.ts';

interface EtcdOptions {
  readonly program: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly port: number;
  readonly peerPort: number;
  /** If true, does not sync data to disk. Faster, for tests, but a crash of the machine loses data. */
  readonly throwAway?: boolean;
}

export function buildEtcd(options: EtcdOptions): Server {
  const client = `http://127.0.0.1:${options.port}`;
  const peer = `http://127.0.0.1:${options.peerPort}`;
  return {
    name: 'etcd',
    command: options.program,
    args: [
      ...['--name', 'local', '--data-dir', options.folder],
      ...['--listen-client-urls', client, '--advertise-client-urls', client],
      ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer, '--initial-cluster', `local=${peer}`],
      // With a single member an election has no competitor, so short timeouts are safe
      ...['--heartbeat-interval', '10', '--election-timeout', '100', '--log-level', 'warn'],
      ...['--auto-compaction-mode', 'periodic', '--auto-compaction-retention', '1h'],
      ...(options.throwAway ? ['--unsafe-no-fsync'] : []),
    ],
    environment: options.environment,
    prepare: () => {
      mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    },
    ready: () => httpAnswers(`${client}/health`),
  };
}
