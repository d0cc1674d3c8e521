/**
 * The users of the scenario: they send valid and invalid requests to every route, and one follows the WebSocket stream,
 * as a web page would.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';

/** Requests that are sent every ROUND_MS, including requests that the API refuses or that fail. */
const requests: readonly (readonly [method: string, path: string, body?: object])[] = [
  ['GET', '/pipelines'],
  ['GET', '/pipelines/google-trend'],
  ['GET', '/pipelines/no-such-pipeline'],
  ['POST', '/pipelines', { pipeline_id: 'No Id' }],
  ['POST', '/pipelines/bitcoin-by-hand/run', {}],
  ['POST', '/pipelines/bitcoin-by-hand/run', { ticker: 'NOSUCH' }],
  ['POST', '/pipelines/euro-bands/pause'],
  ['POST', '/pipelines/euro-bands/resume'],
  ['GET', '/executions'],
  ['GET', '/signals'],
  ['GET', '/orders'],
  ['GET', '/bots'],
  ['GET', '/portfolio'],
];
const ROUND_MS = 1_000;
const PATIENCE_MS = 5_000;

/** Starts the traffic, and returns a function that stops it. @param api base URL, http://HOST:PORT */
export function startTraffic(api: string): () => Promise<void> {
  const ending = new AbortController();
  const running = Promise.all([makeRequests(api, ending.signal), followStream(api, ending.signal)]);
  return async () => {
    ending.abort();
    await running;
  };
}

async function makeRequests(api: string, ending: AbortSignal): Promise<void> {
  while (!ending.aborted) {
    await Promise.all(requests.map((request) => send(api, request)));
    await sleep(ROUND_MS, undefined, { signal: ending }).catch(() => undefined);
  }
}

async function send(api: string, [method, path, body]: (typeof requests)[number]): Promise<void> {
  const json = body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const answer = await fetch(`${api}/api/v1${path}`, {
    method,
    ...json,
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).catch(() => undefined);
  await answer?.text().catch(() => undefined);
}

/** Follows the stream over a WebSocket, and connects again when it ends. */
async function followStream(api: string, ending: AbortSignal): Promise<void> {
  while (!ending.aborted) {
    const socket = new WebSocket(`${api.replace('http', 'ws')}/api/v1/stream`);
    const ended = Promise.withResolvers<void>();
    const close = () => socket.terminate();
    socket.on('error', () => undefined).on('close', () => ended.resolve());
    ending.addEventListener('abort', close);
    await ended.promise;
    ending.removeEventListener('abort', close);
    await sleep(ROUND_MS, undefined, { signal: ending }).catch(() => undefined);
  }
}
