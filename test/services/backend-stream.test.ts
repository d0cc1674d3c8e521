import { once } from 'node:events';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { eventually } from '../support/eventually.ts';
import { definition, type Platform, startPlatform } from './backend-platform.ts';

interface Message {
  channel: string;
  type: string;
  // biome-ignore lint/suspicious/noExplicitAny: the tests check the shape of messages
  data: any;
}

/** Id of a stored signal that tests copy. */
const TEMPLATE = 'template';

let platform: Platform;
const sockets: WebSocket[] = [];

async function start(settings: Record<string, string>) {
  platform = await startPlatform(settings);
  for (const id of ['one', 'two'])
    await platform.call('POST /api/v1/pipelines', { pipeline_id: id, name: id, ...definition });
  await platform.addSignal(TEMPLATE);
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await eventually(async () => expect(await openConnections()).toBe(0));
});

const openConnections = () => platform.backend.readSeries('websocket_connections_active{endpoint="/api/v1/stream"}');

function open(query = '', options: { origin?: string; autoPong?: boolean } = {}) {
  const socket = new WebSocket(`${platform.backend.api.replace('http', 'ws')}/api/v1/stream${query}`, options);
  const messages: Message[] = [];
  const closed = once(socket, 'close').then(([code, reason]) => ({ code: Number(code), reason: String(reason) }));
  closed.catch(() => undefined);
  socket.on('message', (text) => messages.push(JSON.parse(String(text)) as Message));
  sockets.push(socket);
  return { socket, messages, closed };
}

async function subscribe(query = '', options = {}) {
  const client = open(query, options);
  await eventually(() => expect(client.messages[0]).toMatchObject({ channel: 'stream', type: 'subscribed' }));
  return client;
}

describe('the stream', () => {
  beforeAll(() =>
    start({
      STREAM_MAX_CLIENTS: '4',
      STREAM_MAX_BUFFERED_BYTES: '100000',
      API_ALLOWED_ORIGINS: 'https://desk.example',
    }),
  );
  afterAll(() => platform?.stop());

  it('sends a stored signal in the form of the API', async () => {
    const { messages } = await subscribe('?channels=signals');
    await platform.addSignal('live-1');
    const signal = await eventually(() => {
      expect(messages[1]).toMatchObject({ channel: 'signals', type: 'signal', data: { signal_id: 'live-1' } });
      return messages[1]?.data;
    });
    expect(signal).toEqual((await platform.call('GET /api/v1/signals/live-1')).body);
    expect(await openConnections()).toBe(1);
  });

  it('sends changes of executions, and only those of the subscribed pipeline', async () => {
    const { messages } = await subscribe('?channels=executions&pipeline_id=one');
    await platform.addExecution('two', { status: 'queued' });
    const id = await platform.addExecution('one', { status: 'queued' });
    await eventually(() => expect(messages.at(-1)?.data).toMatchObject({ execution_id: id, status: 'queued' }));
    await platform.db.updateTable('executions').set({ status: 'success' }).where('execution_id', '=', id).execute();
    await eventually(() => expect(messages.at(-1)?.data).toMatchObject({ execution_id: id, status: 'success' }));
    expect(messages.slice(1).every(({ data }) => data.pipeline_id === 'one')).toBe(true);
  });

  it('sends a client that names a pipeline only the signals that started this pipeline', async () => {
    const { messages } = await subscribe('?channels=signals&pipeline_id=one');
    await platform.db.transaction().execute(async (transaction) => {
      for (const id of ['started-one', 'started-two', 'started-none']) {
        await transaction
          .insertInto('signals')
          .columns([
            'signal_id',
            'signal_type',
            'source',
            'timeframe',
            'signal',
            'generated_at',
            'matched',
            'enqueued',
            'skipped',
            'outcome',
          ])
          .expression((from) =>
            from
              .selectFrom('signals')
              .select([
                sql.lit(id).as('id'),
                'signal_type',
                'source',
                'timeframe',
                'signal',
                'generated_at',
                'matched',
                'enqueued',
                'skipped',
                'outcome',
              ])
              .where('signal_id', '=', TEMPLATE),
          )
          .execute();
      }
      for (const name of ['one', 'two']) {
        const ids = { execution_id: `of-${name}`, pipeline_id: name, ticker: 'GOOG', signal_id: `started-${name}` };
        await transaction
          .insertInto('executions')
          .values({ ...ids, trigger_mode: 'signal', status: 'success', reason: null, trace: '{}', cost_usd: '0' })
          .execute();
      }
    });
    await eventually(() => expect(messages[1]?.data.signal_id).toBe('started-one'));
    expect(messages).toHaveLength(2);
  });

  it('sends every signal of a burst once, in order', async () => {
    const { messages } = await subscribe('?channels=signals');
    await sql`insert into signals (signal_id, signal_type, source, timeframe, signal, generated_at, matched, enqueued, skipped, outcome)
      select 'burst-' || n, signal_type, source, timeframe, signal, generated_at, matched, enqueued, skipped, outcome
      from signals, generate_series(1, 1500) n where signal_id = ${TEMPLATE} order by n`.execute(platform.db);
    await eventually(() => expect(messages).toHaveLength(1_501));
    expect(messages.slice(1).map(({ data }) => data.signal_id)).toEqual(
      Array.from({ length: 1_500 }, (_, index) => `burst-${index + 1}`),
    );
  });

  it.each([
    ['?channels=signals,nope', 'unknown channel "nope"'],
    ['?chanels=signals', 'unknown parameter "chanels"'],
    ['?pipeline_id=No%20Id', 'pipeline_id'],
  ])('refuses %s and closes with the reason', async (query, reason) => {
    const { code, reason: told } = await open(query).closed;
    expect(code).toBe(1008);
    expect(told).toContain(reason);
  });

  it('refuses web pages of other origins, and accepts pages of allowed origins and of its own', async () => {
    const refused = open('', { origin: 'https://evil.example' });
    const [, response] = await once(refused.socket, 'unexpected-response');
    expect(response.statusCode).toBe(403);
    await subscribe('', { origin: 'https://desk.example' });
    await subscribe('', { origin: platform.backend.api });
  });

  it('refuses clients beyond STREAM_MAX_CLIENTS', async () => {
    for (let index = 0; index < 4; index += 1) await subscribe();
    expect(await open().closed).toMatchObject({ code: 1013, reason: expect.stringContaining('4 clients') });
  });

  it('drops a client that is too slow, with a reason, and keeps serving the other clients', async () => {
    // A paused client sends no pongs, but the test ends before the default heartbeat of 15 s would drop it.
    const slow = await subscribe('?channels=signals');
    const well = await subscribe('?channels=executions');
    slow.socket.pause();
    await sql`insert into signals (signal_id, signal_type, source, timeframe, signal, generated_at, matched, enqueued, skipped, outcome)
      select 'flood-' || n, signal_type, source, timeframe, jsonb_set(signal, '{metadata,note}', to_jsonb(repeat('x', 200000))),
        generated_at, matched, enqueued, skipped, outcome
      from signals, generate_series(1, 100) n where signal_id = ${TEMPLATE}`.execute(platform.db);
    await eventually(() =>
      expect(platform.backend.log.map((line) => line.message)).toContain('dropping a stream client that is too slow'),
    );
    slow.socket.resume();
    expect(await slow.closed).toMatchObject({ code: 1013, reason: expect.stringContaining('too slow') });
    const id = await platform.addExecution('one');
    await eventually(() => expect(well.messages.at(-1)?.data.execution_id).toBe(id));
  });
});

describe('the heartbeat of the stream', () => {
  beforeAll(() => start({ STREAM_HEARTBEAT_MS: '1000' }));
  afterAll(() => platform?.stop());

  it('drops a client that does not answer pings, and keeps a client that does', async () => {
    const silent = await subscribe('', { autoPong: false });
    const well = await subscribe();
    expect((await silent.closed).code).toBe(1006);
    expect(well.socket.readyState).toBe(WebSocket.OPEN);
  });
});
