import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { pino } from 'pino';
import { inject } from 'vitest';
import { postgresFrom } from '#kit/postgres/database.ts';
import { startTelemetry } from '#kit/telemetry/telemetry.ts';
import type { Database } from '#platform/schema.ts';
import { type PipelineDefinition, pipelineSchema } from '#trading/pipelines/pipeline.ts';
import type { Signal } from '#trading/signals/signal.ts';
import { createDatabase } from '../support/start-postgres.ts';
import { type BackendProcess, startBackend } from './backend-process.ts';
import { prepareRoles } from './service-roles.ts';

interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: the tests check the shape of answers
  body: any;
}

export type Platform = Awaited<ReturnType<typeof startPlatform>>;

/** Starts a backend on real servers. Returns it with a client of its API, its database, and functions that add rows. */
export async function startPlatform(env: Record<string, string> = {}) {
  const databaseUrl = env.DATABASE_URL ?? (await createDatabase(inject('postgresUrl')));
  const redisUrl = env.REDIS_URL ?? `${inject('redisUrl')}/9`;
  // the backend connects as its own role, so a right that it lacks fails the tests
  const ownUrl = env.DATABASE_URL ?? (await prepareRoles(databaseUrl)).backend;
  const fullEnv = { KAFKA_BROKERS: inject('kafkaBrokers'), ...env, DATABASE_URL: ownUrl, REDIS_URL: redisUrl };
  const backend = await startBackend(fullEnv);
  const database = openStore(databaseUrl);
  return {
    backend,
    databaseUrl,
    redisUrl,
    env: fullEnv,
    db: database.db,
    call: createCall(backend),
    ...createRows(database.db),
    async stop() {
      await database.close();
      return backend.stop();
    },
  };
}

export interface Store {
  readonly db: Kysely<Database>;
  close(): Promise<void>;
}

export function openStore(url: string, poolSize = 2): Store {
  const { instruments } = startTelemetry('backend', {});
  const open = postgresFrom<Database>({ DATABASE_URL: url, DATABASE_POOL_SIZE: poolSize });
  const { client: db, close } = open({ log: pino({ level: 'silent' }), instruments });
  return { db, close };
}

/** Returns a client of the API: `call('POST /path', body)`. It sends the body as JSON, and parses a JSON response. */
export function createCall(backend: BackendProcess) {
  return async (request: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> => {
    const [method = 'GET', path = '/'] = request.split(' ');
    const answer = await fetch(`${backend.api}${path}`, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const json = answer.headers.get('content-type')?.includes('json') ?? false;
    return { status: answer.status, headers: answer.headers, body: json ? JSON.parse(text) : text };
  };
}

export const definition: PipelineDefinition = pipelineSchema.parse({
  trigger: { mode: 'signal', signals: [{ type: 'golden_cross', timeframe: '1d' }] },
  tickers: ['GOOG'],
});

/** Returns functions that insert rows which other services would write. */
function createRows(db: Kysely<Database>) {
  return {
    async addSignal(id: string, { ticker = 'GOOG', type = 'golden_cross' } = {}) {
      const signal: Signal = {
        signal_id: id,
        signal_type: type,
        source: 'replay',
        timestamp: 1_700_000_000,
        tickers: [{ ticker, signal: 'BULLISH', confidence: 70, reasoning: 'it rises' }],
        metadata: { timeframe: '1d', price: 100 },
      };
      const counts = { matched: 0, enqueued: 0, skipped: 0, outcome: 'unmatched' as const };
      const times = { generated_at: new Date(signal.timestamp * 1_000) };
      const names = { signal_id: id, signal_type: type, source: 'replay', timeframe: '1d' };
      await db
        .insertInto('signals')
        .values({ ...names, ...counts, ...times, signal: JSON.stringify(signal) })
        .execute();
    },
    async addExecution(pipelineId: string, change: Record<string, unknown> = {}) {
      const executionId = randomUUID();
      const row = { execution_id: executionId, pipeline_id: pipelineId, ticker: 'GOOG', signal_id: null, reason: null };
      const fields = { trigger_mode: 'signal' as const, status: 'success' as const, trace: '{}', cost_usd: '0' };
      await db
        .insertInto('executions')
        .values({ ...row, ...fields, ...change })
        .execute();
      return executionId;
    },
    async addOrder(pipelineId: string, executionId: string, change: Record<string, unknown> = {}) {
      const clientOrderId = randomUUID();
      const names = {
        client_order_id: clientOrderId,
        execution_id: executionId,
        pipeline_id: pipelineId,
        symbol: 'GOOG',
      };
      const money = { quantity: '2', price: '100.5', fee_usd: '0.1', realised_pnl_usd: '0' };
      const fields = { side: 'buy' as const, status: 'filled' as const, reason: null, mode: 'paper' as const };
      await db
        .insertInto('orders')
        .values({ ...names, ...money, ...fields, ...change })
        .execute();
      return clientOrderId;
    },
  };
}
