import { execFile } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { LaunchError } from './launch.ts';
import type { Owner, Server } from './server.ts';

export interface PostgresOptions {
  readonly programs: { readonly postgres: string; readonly initdb: string };
  readonly version: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly port: number;
  readonly password: string;
  readonly database: string;
  /** If true, does not sync data to disk. Faster, for tests, but a crash of the machine loses data. */
  readonly throwAway?: boolean;
}

const POSTGRES_USER = 'trading';

export function buildPostgres(options: PostgresOptions): Server {
  const owner = findUnprivilegedOwner();
  const settings = {
    listen_addresses: '127.0.0.1',
    port: options.port,
    unix_socket_directories: '',
    ...(options.throwAway ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } : {}),
  };
  return {
    name: 'postgres',
    command: options.programs.postgres,
    args: ['-D', options.folder, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    environment: options.environment,
    cwd: '/',
    owner,
    prepare: () => prepareDataFolder(options, owner),
    ready: () => ensureDatabase(options),
    // SIGINT is a fast shutdown: Postgres closes open connections instead of waiting for them
    stopSignal: 'SIGINT',
  };
}

interface PostgresAddress extends Pick<PostgresOptions, 'port' | 'password' | 'database'> {
  /** Default: the superuser, who owns the tables. */
  readonly user?: string;
}

export function postgresUrl({ user = POSTGRES_USER, ...options }: PostgresAddress): string {
  return `postgres://${user}:${options.password}@127.0.0.1:${options.port}/${options.database}`;
}

/**
 * Returns the user to run Postgres as, if this program runs as root: `postgres` if that user exists, else `nobody`.
 * Returns undefined if this program does not run as root.
 */
function findUnprivilegedOwner(): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody');
  if (!user)
    throw new LaunchError('postgres cannot run as root: add a user postgres or nobody to /etc/passwd to run it as');
  return { uid: Number(user[2]), gid: Number(user[3]) };
}

async function prepareDataFolder(options: PostgresOptions, owner: Owner | undefined): Promise<void> {
  const versionFile = join(options.folder, 'PG_VERSION');
  if (existsSync(versionFile)) {
    needSameMajor(readFileSync(versionFile, 'utf8').trim(), options);
    return;
  }
  // initdb writes to a new folder, which replaces the data folder only at the end, so an interrupted initdb leaves no
  // data folder
  const fresh = `${options.folder}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(dirname(fresh), { recursive: true });
  mkdirSync(fresh, { mode: 0o700 });
  if (owner) chownSync(fresh, owner.uid, owner.gid);
  await makeDataFolder(options, owner, fresh);
  rmSync(options.folder, { recursive: true, force: true });
  renameSync(fresh, options.folder);
}

async function makeDataFolder(options: PostgresOptions, owner: Owner | undefined, folder: string): Promise<void> {
  const passwordFile = join(dirname(folder), '.postgres-password');
  writeFileSync(passwordFile, `${options.password}\n`, { mode: 0o600 });
  if (owner) chownSync(passwordFile, owner.uid, owner.gid);
  const args = [
    ...['-D', folder, '-U', POSTGRES_USER, '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
    ...['--encoding', 'UTF8', '--locale', 'C', '--no-sync', '--no-instructions'],
  ];
  const environment = { ...process.env, ...options.environment };
  try {
    await promisify(execFile)(options.programs.initdb, args, { ...owner, cwd: '/', env: environment });
  } catch (error) {
    throw new LaunchError(describeFailure(error as NodeJS.ErrnoException, options, owner));
  } finally {
    rmSync(passwordFile);
  }
}

function describeFailure(error: NodeJS.ErrnoException, { folder, programs }: PostgresOptions, owner?: Owner): string {
  const failure = `initdb could not create ${folder}: ${error.message}`;
  if (!owner || error.code !== 'EACCES') return failure;
  const hint = 'must be readable for users other than root: set TRADING_PLATFORM_CACHE to another folder';
  return `${failure}\n    ${programs.initdb} ${hint}`;
}

function needSameMajor(inFolder: string, { version, folder }: PostgresOptions): void {
  const major = version.split('.')[0];
  if (inFolder === major) return;
  throw new LaunchError(
    `${folder}: expected data of Postgres ${major}, got data of Postgres ${inFolder}: put Postgres ${inFolder} on PATH, or remove the data (make clean)`,
  );
}

/** Creates the platform's database if it is missing. Returns false while Postgres does not accept connections. */
async function ensureDatabase(options: PostgresOptions): Promise<boolean> {
  const client = new pg.Client({ connectionString: postgresUrl({ ...options, database: 'postgres' }) });
  client.on('error', () => {});
  try {
    await client.connect();
    const found = await client.query('select 1 from pg_database where datname = $1', [options.database]);
    if (found.rowCount === 0) await client.query(`create database ${client.escapeIdentifier(options.database)}`);
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}
