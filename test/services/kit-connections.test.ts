import { sql } from 'kysely';
import { pino } from 'pino';
import { describe, expect, inject, it } from 'vitest';
import { databaseConfigSchema, readConfig, redisConfigSchema } from '#kit/config.ts';
import { openConnections } from '#kit/connections.ts';
import type { ReadinessCheck } from '#kit/ops-server.ts';
import { postgresFrom } from '#kit/postgres/database.ts';
import { redisFrom } from '#kit/redis.ts';
import { startTelemetry } from '#kit/telemetry/telemetry.ts';
import { eventually } from '../support/eventually.ts';
import { createDatabase } from '../support/start-postgres.ts';
import { startService } from './service-process.ts';

const log = pino({ level: 'silent' });

function open(env: { DATABASE_URL: string; REDIS_URL: string }) {
  const { instruments } = startTelemetry('backend', {});
  const asked = new Map<string, ReadinessCheck>();
  const ops = { addCheck: (name: string, check: ReadinessCheck) => void asked.set(name, check) };
  const servers = openConnections(
    {
      postgres: postgresFrom<object>(readConfig(databaseConfigSchema, env)),
      redis: redisFrom(readConfig(redisConfigSchema, env)),
    },
    { log, instruments, ops: { port: 0, drain: () => undefined, stop: async () => undefined, ...ops } },
  );
  return { servers, asked };
}

describe('openConnections', () => {
  it('opens clients, registers their checks by name, and closes them', async () => {
    const { servers, asked } = open({ DATABASE_URL: inject('postgresUrl'), REDIS_URL: inject('redisUrl') });
    expect([...asked.keys()]).toEqual(['postgres', 'redis']);
    await eventually(async () => {
      for (const check of asked.values()) expect(await check()).toBeUndefined();
    });
    const { rows } = await sql<{ one: number }>`select 1 as one`.execute(servers.clients.postgres);
    expect([rows[0]?.one, await servers.clients.redis.ping()]).toEqual([1, 'PONG']);
    await servers.close();
    await eventually(() => expect(servers.checks.redis()).toBe('connection is end'));
    await expect(servers.checks.postgres()).rejects.toThrow('destroyed');
  });

  it('is not ready while Postgres is read-only, and leaves connections to a server that became a standby', async () => {
    const own = await createDatabase(inject('postgresUrl'));
    const name = sql.id(new URL(own).pathname.slice(1));
    const { servers } = open({ DATABASE_URL: own, REDIS_URL: inject('redisUrl') });
    const { postgres } = servers.clients;
    const backend = async () =>
      (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(postgres)).rows[0]?.pid;
    expect(await servers.checks.postgres()).toBeUndefined();
    const before = await backend();
    expect(await backend()).toBe(before);

    await sql`alter database ${name} set default_transaction_read_only = on`.execute(postgres);
    await sql`set session characteristics as transaction read only`.execute(postgres);
    expect(await servers.checks.postgres()).toContain('is read-only: a standby');
    // A new connection has the setting of the database. The server can write again, and the next connection notices it.
    const admin = open({ DATABASE_URL: inject('postgresUrl'), REDIS_URL: inject('redisUrl') }).servers;
    await sql`alter database ${name} reset default_transaction_read_only`.execute(admin.clients.postgres);
    await eventually(async () => expect(await servers.checks.postgres()).toBeUndefined());
    expect(await backend()).not.toBe(before);

    await sql`set session characteristics as transaction read only`.execute(postgres);
    const readOnly = await backend();
    await expect(sql`create table refused (id integer)`.execute(postgres)).rejects.toThrow('read-only transaction');
    await eventually(async () => expect(await backend()).not.toBe(readOnly));
    await Promise.all([servers.close(), admin.close()]);
  });

  it('opens although the servers are down, and the checks report that they are down', async () => {
    const { servers, asked } = open({
      DATABASE_URL: 'postgres://trading@127.0.0.1:1/trading',
      REDIS_URL: 'redis://127.0.0.1:1',
    });
    await expect(asked.get('postgres')?.()).rejects.toThrow('ECONNREFUSED');
    expect(await asked.get('redis')?.()).toMatch(/^connection is /);
    await servers.close();
  });
});

describe('a process that gets an unknown variable', () => {
  it('warns with the nearest name, without the value, and starts', async () => {
    const KAFKA_BROKERS = inject('kafkaBrokers');
    const service = await startService('signal-generator', { KAFKA_BROKERS, REPLAY_SIMBOLS: 'DO-NOT-PRINT' });
    try {
      const lines = service.log.filter(({ variable }) => variable !== undefined);
      expect(lines).toMatchObject([{ level: 'warn', variable: 'REPLAY_SIMBOLS', nearest: 'REPLAY_SYMBOLS' }]);
      expect(JSON.stringify(service.log)).not.toContain('DO-NOT-PRINT');
    } finally {
      await service.stop();
    }
  });
});
