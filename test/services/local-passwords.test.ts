/** The servers of `make up` against other users of the machine: without the password, they refuse every client. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parts } from '#local/parts/index.ts';
import { findFreePort } from '#local/servers/free-port.ts';
import { buildKafka, KAFKA_USER } from '#local/servers/kafka.ts';
import { buildRedis } from '#local/servers/redis.ts';
import type { Server } from '#local/servers/server.ts';
import { connectKafka } from '#tools/observe/read-topic.ts';
import { provisionForTests } from '../support/provision-for-tests.ts';
import { type Running, startRunning } from '../support/running.ts';
import { makeTestFolder, removeTestFolder } from '../support/test-folder.ts';

const PASSWORD = 'of-this-machine';
const folder = makeTestFolder('passwords');
const running: Running[] = [];
afterAll(async () => {
  await Promise.all(running.map((one) => one.stop({ kill: true })));
  removeTestFolder(folder);
});

async function start(server: Server): Promise<void> {
  running.push(await startRunning(server, folder));
  // every user of the machine can read the arguments of a process
  expect(server.args.join(' ')).not.toContain(PASSWORD);
}

/** Returns whether other users may read a file. */
const isShared = (file: string) => (statSync(file).mode & 0o077) !== 0;

describe('Redis', () => {
  let port: number;
  beforeAll(async () => {
    const { files, environment } = await provisionForTests(parts.redis);
    port = await findFreePort();
    const own = join(folder, 'redis');
    await start(buildRedis({ program: files['redis-server'], environment, folder: own, port, password: PASSWORD }));
    expect(readFileSync(join(own, 'redis.conf'), 'utf8')).toContain(PASSWORD);
    expect(isShared(join(own, 'redis.conf'))).toBe(false);
  });

  it.each([
    ['without a password', undefined, 'NOAUTH'],
    ['with a wrong one', 'guessed', 'WRONGPASS'],
  ])('refuses a client %s, and takes one with the right password', async (_, password, code) => {
    const ping = async (given?: string) => {
      const client = new Redis({ port, password: given, lazyConnect: true, retryStrategy: null });
      const errors: Error[] = [];
      client.on('error', (error) => errors.push(error));
      return client
        .connect()
        .then(() => client.ping())
        .catch((error: Error) => {
          // the answer of the server comes as an event; the call only says that the connection is closed
          throw errors[0] ?? error;
        })
        .finally(() => client.disconnect());
    };
    await expect(ping(password)).rejects.toThrow(code);
    await expect(ping(PASSWORD)).resolves.toBe('PONG');
  });
});

describe('Kafka', () => {
  it('refuses a client without the password of its user, and its file of settings is private', async () => {
    const [java, kafka] = await Promise.all([provisionForTests(parts.java), provisionForTests(parts.kafka)]);
    const port = await findFreePort();
    const own = join(folder, 'kafka');
    await start(
      buildKafka({
        java: java.files.java,
        libs: kafka.files.libs,
        environment: java.environment,
        folder: own,
        port,
        controllerPort: await findFreePort(),
        password: PASSWORD,
      }),
    );
    expect(readFileSync(join(own, 'server.properties'), 'utf8')).toContain(`user_${KAFKA_USER}="${PASSWORD}"`);
    expect(isShared(join(own, 'server.properties'))).toBe(false);
    const list = async (kafkaPassword?: string) => {
      const admin = connectKafka({ kafka: `127.0.0.1:${port}`, kafkaPassword }).admin({ retry: { retries: 1 } });
      try {
        await admin.connect();
        await admin.createTopics({ topics: [{ topic: 'one' }] });
        return await admin.listTopics();
      } finally {
        await admin.disconnect();
      }
    };
    await expect(list('guessed')).rejects.toThrow(/[Aa]uthentication/);
    await expect(list()).rejects.toThrow();
    await expect(list(PASSWORD)).resolves.toContain('one');
  });
});
