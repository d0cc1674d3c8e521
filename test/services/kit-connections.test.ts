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
