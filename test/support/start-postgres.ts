import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { parts } from '#local/parts/index.ts';
import { findFreePort } from '#local/servers/free-port.ts';
import { buildPostgres, type PostgresOptions, postgresUrl } from '#local/servers/postgres.ts';
import { provisionForTests } from './provision-for-tests.ts';
import { type Running, startRunning } from './running.ts';
import { makeTestFolder, removeTestFolder } from './test-folder.ts';

export interface TestPostgres {
  /** Connection string of the database `trading`. */
  readonly url: string;
  /** Stops Postgres and keeps its data for `start`. `kill` stops it as a crash would. */
  halt(options?: { readonly kill?: boolean }): Promise<void>;
  /** Starts Postgres again after `halt`, on the same port. */
  start(): Promise<void>;
  /** Stops Postgres and removes its data. */
  stop(): Promise<void>;
}

export async function startPostgres(): Promise<TestPostgres> {
  const { files, version, environment } = await provisionForTests(parts.postgres);
  const folder = makeTestFolder('postgres');
  const options: PostgresOptions = {
    programs: files,
    version,
    environment,
    folder: join(folder, 'data'),
    port: await findFreePort(),
    password: randomBytes(12).toString('hex'),
    database: 'trading',
    throwAway: true,
  };
  let running: Running = await startRunning(buildPostgres(options), folder);
  return {
    url: postgresUrl(options),
    halt: (how) => running.stop(how),
    start: async () => {
      running = await startRunning(buildPostgres(options), folder);
    },
    stop: async () => {
      await running.stop({ kill: true });
      removeTestFolder(folder);
    },
  };
}

/** Creates an empty database on a running Postgres, so that each test file has its own. Returns its connection string. */
export async function createDatabase(url: string): Promise<string> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  const own = new URL(url);
  own.pathname = `/${name}`;
  return own.href;
}
