import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LaunchError } from './launch.ts';
import { httpAnswers } from './probes.ts';
import type { Server } from './server.ts';

interface EtcdOptions {
  readonly program: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  /** If true, does not sync data to disk. Faster, for tests, but a crash of the machine loses data. */
  readonly throwAway?: boolean;
}

/** The longest path of a socket, on macOS; on Linux it is 107 bytes. */
const LONGEST_PATH = 103;

/**
 * Builds an etcd that listens on sockets in a folder of its user instead of on ports: etcd has no password that the API
 * server could send, and whoever reaches it reads and writes every object of the API server, Secrets included.
 */
export function buildEtcd(options: EtcdOptions): Server {
  const sockets = socketFolder(options.folder);
  const listen = (name: string) => `unix://${join(sockets, name)}`;
  // etcd accepts only addresses with a port here, and with a single member nobody uses them
  const [client, peer] = ['http://127.0.0.1:1', 'http://127.0.0.1:2'];
  return {
    name: 'etcd',
    command: options.program,
    args: [
      ...['--name', 'local', '--data-dir', options.folder],
      ...['--listen-client-urls', listen(CLIENT), '--advertise-client-urls', client],
      ...['--listen-peer-urls', listen('peer.sock'), '--initial-advertise-peer-urls', peer],
      ...['--initial-cluster', `local=${peer}`],
      // With a single member an election has no competitor, so short timeouts are safe
      ...['--heartbeat-interval', '10', '--election-timeout', '100', '--log-level', 'warn'],
      ...['--auto-compaction-mode', 'periodic', '--auto-compaction-retention', '1h'],
      ...(options.throwAway ? ['--unsafe-no-fsync'] : []),
    ],
    environment: options.environment,
    prepare: () => {
      mkdirSync(options.folder, { recursive: true, mode: 0o700 });
      makePrivateFolder(sockets);
    },
    ready: () => httpAnswers('http://etcd/health', { socketPath: join(sockets, CLIENT) }),
  };
}

const CLIENT = 'client.sock';

/** Returns the address of the etcd whose data is in this folder, for the API server. */
export function etcdAddress(folder: string): string {
  return `unix://${join(socketFolder(folder), CLIENT)}`;
}

/** Returns a folder beside the data, or in the folder for temporary files if the path of a socket there would be too long. */
function socketFolder(folder: string): string {
  const beside = `${folder}-sockets`;
  if (Buffer.byteLength(join(beside, CLIENT)) <= LONGEST_PATH) return beside;
  const id = createHash('sha256').update(folder).digest('hex').slice(0, 12);
  return join(tmpdir(), `trading-platform-etcd-${id}`);
}

/** @throws LaunchError if the folder exists and belongs to another user, who could put a socket of their own there */
function makePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== process.getuid?.())
    throw new LaunchError(`${folder} belongs to another user: remove it, or set TMPDIR to a folder of your own`);
  chmodSync(folder, 0o700);
}
