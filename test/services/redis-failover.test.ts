import { createServer, connect as dial, type Socket } from 'node:net';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { describeError } from '#kit/log.ts';
import { redisFrom } from '#kit/redis.ts';
import { startTelemetry } from '#kit/telemetry/telemetry.ts';
import { findFreePort } from '#local/servers/free-port.ts';
import { openExecutionQueue, startExecutionWorker } from '#platform/execution-queue.ts';
import { eventually } from '../support/eventually.ts';
import { startRedis, startSentinel } from '../support/start-redis.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function startServer(...settings: string[]) {
  const server = await startRedis(settings);
  const admin = new Redis(server.url);
  admin.on('error', () => undefined);
  cleanups.push(() => server.stop());
  cleanups.push(() => admin.disconnect());
  return { ...server, pid: server.pid, admin };
}

/** Starts a second server that has all data of the first one. */
async function startReplica(master: { port: number }) {
  const replica = await startServer('--replicaof', `127.0.0.1 ${master.port}`);
  await eventually(async () => expect(await replica.admin.info('replication')).toContain('master_link_status:up'));
  return replica;
}

/** Opens the client of a process and takes jobs with it, as celery-worker does. */
function openJobs(url: string) {
  const telemetry = startTelemetry('celery-worker', {});
  const logged: string[] = [];
  const log = pino({ serializers: { error: describeError } }, { write: (line: string) => void logged.push(line) });
  const opened = redisFrom({ REDIS_URL: url })({ log, instruments: telemetry.instruments });
  const queue = openExecutionQueue(opened.client);
  const handled: string[] = [];
  const worker = startExecutionWorker(opened.client, {
    concurrency: 2,
    handle: async ({ data }) => void handled.push(data.execution_id),
    onError: () => undefined,
  });
  cleanups.push(async () => {
    await worker.stop();
    await Promise.race([queue.close(), opened.close()]);
    opened.close();
    await telemetry.shutdown();
  });
  const run = async (id: string) => {
    await eventually(() => queue.add([{ execution_id: id, trace: {} }]));
    await eventually(() => expect(handled).toContain(id));
  };
  const metric = async (pattern: RegExp) => {
    const line = (await telemetry.scrape()).body.split('\n').find((one) => pattern.test(one));
    return Number(line?.split(' ').at(-1) ?? 0);
  };
  const { client, check } = opened;
  return { client, check: async () => check(), queue, run, metric, logged };
}

/** An address like that of a Service in a cluster: it leads new connections to another server, and keeps the old ones. */
async function startAddress(port: number) {
  const own = await findFreePort();
  const sockets = new Set<Socket>();
  let target = port;
  const server = createServer((socket) => {
    const onward = dial(target, '127.0.0.1');
    for (const end of [socket, onward]) sockets.add(end.on('error', () => undefined));
    socket.pipe(onward).pipe(socket);
  }).listen(own, '127.0.0.1');
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const leadTo = (next: number) => {
    target = next;
  };
  return { url: `redis://127.0.0.1:${own}`, leadTo };
}

describe('a failover of Redis behind one address', () => {
  it('is noticed on connections that stay open: readiness, errors, then jobs on the new master', async () => {
    const first = await startServer();
    const second = await startReplica(first);
    const address = await startAddress(first.port);
    const jobs = openJobs(address.url);
    await jobs.run('before');
    expect(await jobs.check()).toBeUndefined();

    await second.admin.replicaof('NO', 'ONE');
    await first.admin.replicaof('127.0.0.1', second.port);
    await eventually(async () => expect(await jobs.check()).toContain('this server is a replica'));
    await eventually(async () => expect(await jobs.metric(/^redis_connection_errors_total /)).toBeGreaterThan(0));

    address.leadTo(second.port);
    await eventually(async () => expect(await jobs.check()).toBeUndefined());
    await jobs.run('after');
    expect(await second.admin.exists('bull:readiness')).toBe(1);
    expect(jobs.logged.join()).toContain('redis became a replica, connecting again');
  });
});

describe('Sentinel', () => {
  it.each(['the master dies', 'the master stays, as a replica'])('leads to the new master when %s', async (how) => {
    const first = await startServer();
    const second = await startReplica(first);
    const sentinel = await startSentinel(first.port);
    cleanups.push(() => sentinel.stop());
    const admin = new Redis(sentinel.port, '127.0.0.1');
    cleanups.push(() => admin.disconnect());
    const known = async () => (await admin.call('SENTINEL', 'REPLICAS', 'mymaster')) as string[][];
    await eventually(async () => expect((await known())[0]).toContain(String(second.port)));

    const jobs = openJobs(`redis+sentinel://127.0.0.1:${sentinel.port}/mymaster`);
    await jobs.run('before');
    if (how === 'the master dies') await first.halt({ kill: true });
    else await eventually(() => admin.call('SENTINEL', 'FAILOVER', 'mymaster'));
    const master = async () => (await admin.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'mymaster')) as string[];
    await eventually(async () => expect(await master()).toEqual(['127.0.0.1', String(second.port)]), 20_000);
    if (how === 'the master stays, as a replica')
      await eventually(async () => expect(await first.admin.info('replication')).toContain('role:slave'));
    await eventually(async () => {
      expect(await jobs.check()).toBeUndefined();
      expect(await second.admin.exists('bull:readiness')).toBe(1);
    }, 30_000);
    await jobs.run('after');
  });
});

describe('a Cluster', () => {
  it('keeps the queue on one node, takes jobs, and is ready when all its slots are served', async () => {
    const nodes = await Promise.all([0, 1, 2].map(() => startServer('--cluster-enabled', 'yes')));
    const [first, ...others] = nodes;
    if (!first) throw new Error('no node');
    for (const node of others) await first.admin.call('CLUSTER', 'MEET', '127.0.0.1', node.port);
    const bounds = [0, 5_461, 10_923, 16_384];
    for (const [index, node] of nodes.entries())
      await node.admin.call('CLUSTER', 'ADDSLOTSRANGE', bounds[index] as number, (bounds[index + 1] as number) - 1);
    for (const node of nodes)
      await eventually(async () => expect(await node.admin.call('CLUSTER', 'INFO')).toContain('cluster_state:ok'));

    const jobs = openJobs(`redis+cluster://127.0.0.1:${nodes[1]?.port},127.0.0.1:${first.port}`);
    await jobs.run('one');
    await jobs.queue.add([{ execution_id: 'two', trace: {} }]);
    expect(await jobs.queue.depth()).toMatchObject({ failed: 0 });
    await eventually(async () => expect(await jobs.check()).toBeUndefined());
    const keys = await Promise.all(nodes.map(({ admin }) => admin.keys('*')));
    expect(keys.filter((found) => found.length > 0)).toHaveLength(1);
    expect(keys.flat()).toContain('{bull}:readiness');
    expect(await jobs.metric(/^redis_operations_total\{operation="set",status="success"\}/)).toBeGreaterThan(0);
  });

  it('is named by the readiness check of a client that was told of one server', async () => {
    const node = await startServer('--cluster-enabled', 'yes');
    await node.admin.call('CLUSTER', 'ADDSLOTSRANGE', 0, 100);
    const { client, check } = redisFrom({ REDIS_URL: node.url })({
      log: pino({ level: 'silent' }),
      instruments: startTelemetry('backend', {}).instruments,
    });
    cleanups.push(() => client.disconnect());
    await eventually(async () => expect(await check()).toMatch(/^refuses a write: (CLUSTERDOWN|MOVED)/));
  });
});

describe('readiness', () => {
  it('says why Redis takes no writes, and that it does not answer', async () => {
    const server = await startServer();
    const jobs = openJobs(server.url);
    await eventually(async () => expect(await jobs.check()).toBeUndefined());
    await server.admin.config('SET', 'maxmemory', '1');
    expect(await jobs.check()).toMatch(/^refuses a write: OOM .*\(Redis is full: raise its maxmemory\)$/);
    await server.admin.config('SET', 'maxmemory', '0');
    expect(await jobs.check()).toBeUndefined();

    process.kill(server.pid, 'SIGSTOP');
    try {
      const began = performance.now();
      const answers = await Promise.all([jobs.check(), jobs.check()]);
      expect(answers).toEqual(Array(2).fill('no answer within 1000 ms'));
      expect(performance.now() - began).toBeLessThan(3_000);
    } finally {
      process.kill(server.pid, 'SIGCONT');
    }
    await eventually(async () => expect(await jobs.check()).toBeUndefined());
  });

  it('does not show the password that Redis refused', async () => {
    const server = await startServer();
    await server.admin.call('ACL', 'SETUSER', 'desk', 'on', '>right', '~*', '+@all');
    const jobs = openJobs(`redis://desk:hunter2@127.0.0.1:${server.port}`);
    await eventually(() => expect(jobs.logged.join()).toContain('WRONGPASS'));
    expect(jobs.logged.join()).not.toContain('hunter2');
  });
});

it('counts a command once that waited for Redis to come back', async () => {
  const server = await startServer();
  const telemetry = startTelemetry('backend', {});
  const context = { log: pino({ level: 'silent' }), instruments: telemetry.instruments };
  const { client } = redisFrom({ REDIS_URL: server.url })(context);
  cleanups.push(() => client.disconnect());
  await client.set('a', 'b');
  await server.halt();
  const answers = Promise.all([client.get('a'), client.get('a')]);
  await server.start();
  await answers;
  const { body } = await telemetry.scrape();
  expect(body).toContain('redis_operations_total{operation="get",status="success"} 2\n');
});
