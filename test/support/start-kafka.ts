import { parts } from '#local/parts/index.ts';
import { findFreePort } from '#local/servers/free-port.ts';
import { buildKafka } from '#local/servers/kafka.ts';
import { provisionForTests } from './provision-for-tests.ts';
import { startRunning } from './running.ts';
import { makeTestFolder, removeTestFolder } from './test-folder.ts';

export interface TestKafka {
  /** `127.0.0.1:PORT`. Topics are not created automatically. */
  readonly brokers: string;
  /** Stops Kafka and keeps its topics on disk. `kill` stops it as a crash would. */
  halt(options?: { readonly kill?: boolean }): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a real Kafka broker. @param settings broker settings that override the settings of the local stack */
export async function startKafka(settings: Readonly<Record<string, string>> = {}): Promise<TestKafka> {
  const [java, kafka] = await Promise.all([provisionForTests(parts.java), provisionForTests(parts.kafka)]);
  const folder = makeTestFolder('kafka');
  const port = await findFreePort();
  const server = buildKafka({
    java: java.files.java,
    libs: kafka.files.libs,
    environment: java.environment,
    folder,
    port,
    controllerPort: await findFreePort(),
    settings,
  });
  let running = await startRunning(server, folder);
  return {
    brokers: `127.0.0.1:${port}`,
    halt: (how) => running.stop(how),
    start: async () => {
      running = await startRunning(server, folder);
    },
    stop: async () => {
      await running.stop({ kill: true });
      removeTestFolder(folder);
    },
  };
}
