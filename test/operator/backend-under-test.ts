/** Starts a real backend on a Postgres of its own, in which operators register declared pipelines. */
import { type BackendClient, createBackendClient } from '#controller/backend/backend-client.ts';
import { findFreePort } from '#local/servers/free-port.ts';
import { openStore, type Store } from '../services/backend-platform.ts';
import { type BackendProcess, startBackend } from '../services/backend-process.ts';
import { startPostgres } from '../support/start-postgres.ts';
import { until } from './operator-under-test.ts';

const TOKEN = 'a-token-of-the-test-0123456789';

export interface BackendUnderTest {
  readonly store: Store;
  readonly token: string;
  /** Base URL of the backend's API. */
  readonly api: string;
  /** Returns a client of the backend's API. By default, the client sends the token that the backend accepts. */
  client(token?: string): BackendClient;
  /** Starts the backend, or starts it again at the same address. */
  start(): Promise<void>;
  /** Stops the backend and keeps its data. */
  stop(): Promise<void>;
  isRunning(): boolean;
  end(): Promise<void>;
}

/** Starts a Postgres and a backend, but no Redis and no Kafka, because no pipeline runs in these tests. */
export async function startBackendUnderTest(): Promise<BackendUnderTest> {
  const postgres = await startPostgres();
  const apiPort = await findFreePort();
  const api = `http://127.0.0.1:${apiPort}`;
  const nowhere = '127.0.0.1:1';
  const servers = { DATABASE_URL: postgres.url, REDIS_URL: `redis://${nowhere}`, KAFKA_BROKERS: nowhere };
  const own = { PIPELINES_API_TOKEN: TOKEN, API_PORT: String(apiPort), LOG_LEVEL: 'fatal' };
  let backend: BackendProcess | undefined;
  const start = async () => {
    backend = await startBackend({ ...servers, ...own }, { ready: false });
  };
  await start();
  const store = openStore(postgres.url);
  const hasTables = () => store.db.selectFrom('pipelines').select('pipeline_id').limit(1).execute();
  await until(30_000, 'the backend has its tables', () => hasTables().then(Boolean, () => false));
  return {
    store,
    token: TOKEN,
    api,
    client: (token = TOKEN) => createBackendClient({ url: api, token, timeoutMs: 2_000 }),
    start,
    stop: async () => void (await backend?.stop()),
    isRunning: () => backend?.child.exitCode === null,
    end: async () => {
      await store.close();
      await backend?.stop();
      await postgres.stop();
    },
  };
}
