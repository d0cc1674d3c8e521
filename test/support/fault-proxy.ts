/**
 * A proxy between a client and an API server. It breaks requests in the ways that a test chooses. It terminates TLS with its own
 * certificate, so that it can respond instead of the server. The file `kubeconfig` leads clients to the proxy.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { parse, stringify } from 'yaml';
import { makeCertificate } from './make-certificate.ts';
import { makeTestFolder, removeTestFolder } from './test-folder.ts';

/** An error response that the proxy sends instead of the server. */
interface FaultAnswer {
  readonly code: number;
  readonly reason: string;
  readonly retryAfterSeconds?: number;
}

export type Fault =
  /** Accepts requests but sends no response, on existing and new connections. */
  | 'black-hole'
  /** Holds each request until `heal`. Then forwards it, unless its client has given up. */
  | 'hold'
  /** Forwards each request at once, and holds its response until `heal`. */
  | 'hold-answer'
  /** Closes every connection, existing and new. */
  | 'reset'
  | FaultAnswer;

export interface FaultProxy {
  /** Path of a copy of the given kubeconfig whose server is the proxy. */
  readonly kubeconfig: string;
  /** Breaks requests whose path and query match `fits`, until `heal`. */
  fail(fault: Fault, fits?: RegExp): void;
  /** Closes every open connection once; new ones work. */
  cut(): void;
  heal(): void;
  /** Returns the number of requests that a fault has hit. */
  met(): number;
  /** Returns the number of held requests (fault `hold`) whose client still waits for a response. */
  held(): number;
  stop(): Promise<void>;
}

export async function startFaultProxy(target: string, kubeconfig: string): Promise<FaultProxy> {
  const folder = makeTestFolder('fault-proxy');
  const { key, cert } = makeCertificate(folder, 'fault-proxy');
  const upstream = new Agent({ keepAlive: true, rejectUnauthorized: false });
  const sockets = new Set<TLSSocket>();
  const heldResponses: ServerResponse[] = [];
  const state: { fault?: Fault; fits: RegExp; met: number; held: (() => void)[] } = { fits: /./, met: 0, held: [] };

  const server = createServer({ key, cert }, (request, response) => {
    const { fault } = state;
    if (fault === undefined || !state.fits.test(request.url ?? '')) return forward(target, upstream, request, response);
    state.met++;
    if (typeof fault === 'object') return answer(fault, request, response);
    if (fault === 'reset') request.socket.destroy();
    if (fault === 'hold-answer') forward(target, upstream, request, response, (pass) => state.held.push(pass));
    if (fault === 'hold') heldResponses.push(response);
    if (fault === 'hold') state.held.push(() => response.destroyed || forward(target, upstream, request, response));
  });
  server.on('secureConnection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    kubeconfig: writeKubeconfig(folder, kubeconfig, `https://127.0.0.1:${port}`, cert),
    fail: (fault, fits = /./) => {
      Object.assign(state, { fault, fits });
      // A black hole also stops the events of open watches.
      if (fault === 'black-hole') for (const socket of sockets) socket.cork();
      if (fault === 'reset') cut();
    },
    cut,
    heal: () => {
      // Connections that existed during the black hole stay dead, because their packets are lost.
      if (state.fault === 'black-hole') for (const socket of sockets) muffle(socket);
      state.fault = undefined;
      for (const pass of state.held.splice(0)) pass();
    },
    met: () => state.met,
    held: () => heldResponses.filter(({ destroyed, writableEnded }) => !destroyed && !writableEnded).length,
    stop: async () => {
      cut();
      upstream.destroy();
      await new Promise((resolve) => server.close(resolve));
      removeTestFolder(folder);
    },
  };
}

/** Keeps a connection open but discards everything sent on it. */
function muffle(socket: TLSSocket): void {
  socket.removeAllListeners('data');
  socket.pause();
}

/** @param when calls its argument, `pass`, when the response may be passed on; by default at once */
function forward(
  target: string,
  agent: Agent,
  request: IncomingMessage,
  response: ServerResponse,
  when: (pass: () => void) => void = (pass) => pass(),
): void {
  const { method, headers } = request;
  const outgoing = httpsRequest(new URL(request.url ?? '/', target), { method, headers, agent }, (incoming) => {
    incoming.on('error', () => response.destroy());
    when(() => {
      response.writeHead(incoming.statusCode ?? 502, incoming.headers);
      response.flushHeaders();
      incoming.pipe(response);
    });
  });
  outgoing.on('error', () => response.destroy());
  response.on('close', () => outgoing.destroy());
  request.pipe(outgoing);
}

function answer({ code, reason, retryAfterSeconds }: FaultAnswer, request: IncomingMessage, response: ServerResponse) {
  request.resume();
  const status = {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    message: `${reason}, says the test`,
    reason,
    code,
  };
  const retry = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  response.writeHead(code, { 'content-type': 'application/json', ...retry }).end(JSON.stringify(status));
}

function writeKubeconfig(folder: string, original: string, server: string, ca: Buffer): string {
  const config = parse(readFileSync(original, 'utf8'));
  for (const { cluster } of config.clusters) {
    cluster.server = server;
    delete cluster['certificate-authority'];
    cluster['certificate-authority-data'] = ca.toString('base64');
  }
  const file = join(folder, 'kubeconfig');
  writeFileSync(file, stringify(config), { mode: 0o600 });
  return file;
}
