import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from '#kit/log.ts';
import { asksForUpgrade } from '../requests/measure-requests.ts';
import type { Api } from '../resource.ts';
import { ApiProblem, buildProblemBody } from './api-problem.ts';
import { type ProblemName, problemDefinition } from './problems.ts';

/** An error of Node's HTTP parser. `rawPacket` contains the bytes at which the parser stopped. */
interface ParserError extends Error {
  readonly code?: string;
  readonly reason?: string;
  readonly rawPacket?: unknown;
}

const byParserCode: Readonly<Record<string, ProblemName>> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'payload-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
};

/**
 * Returns a handler for requests that Node's HTTP parser cannot read. Fastify never sees them, and its own handler would
 * not answer with a problem.
 */
export function createParserErrorHandler(log: Logger) {
  return (error: ParserError, socket: Duplex): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    const name = byParserCode[error.code ?? ''] ?? 'malformed-request';
    const detail = `The request cannot be read: ${error.reason || error.message}.`;
    sendRaw(socket, new ApiProblem(name, detail, { cause: error }), { path: readPath(error.rawPacket), log });
  };
}

/**
 * Makes the server answer with a problem where Node or the library of the WebSocket would answer with plain text. Closes the
 * connection of a refused WebSocket, for which Node has no time limit any more.
 */
export function answerBrokenRequests(app: Api, log: Logger): void {
  app.server.on('checkExpectation', ({ url = '/' }: IncomingMessage, response: ServerResponse) => {
    const { status, body } = compose(
      new ApiProblem('expectation-failed', 'The header Expect has an unknown value.'),
      url,
      log,
    );
    response
      .writeHead(status, { 'content-type': 'application/problem+json', 'content-length': Buffer.byteLength(body) })
      .end(body);
  });
  app.addHook('onResponse', async (request, reply) => {
    if (asksForUpgrade(request) && reply.raw.headersSent) request.raw.socket.destroySoon();
  });
  app.websocketServer.on('wsClientError', (error: Error, socket: Duplex, { url = '/' }: IncomingMessage) => {
    const problem = new ApiProblem('malformed-request', `The WebSocket cannot be opened: ${error.message}.`);
    sendRaw(socket, problem, { path: url, log, headers: ['Sec-WebSocket-Version: 13'] });
  });
}

interface RawAnswer {
  readonly path: string;
  readonly log: Logger;
  readonly headers?: readonly string[];
}

function sendRaw(socket: Duplex, problem: ApiProblem, { path, log, headers = [] }: RawAnswer): void {
  const { status, body } = compose(problem, path, log);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    ...headers,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

function compose(problem: ApiProblem, path: string, log: Logger): { status: number; body: string } {
  const requestId = randomUUID();
  log.debug({ request_id: requestId, problem: problem.problem, error: problem.cause }, 'a request cannot be read');
  const body = JSON.stringify(buildProblemBody(problem, path, requestId));
  return { status: problemDefinition(problem.problem).status, body };
}

/** Returns the path in the first line of a request, or `/` if the bytes do not begin with such a line. */
function readPath(packet: unknown): string {
  const start = Buffer.isBuffer(packet) ? packet.subarray(0, 300).toString('latin1') : '';
  return /^[A-Z]+ (\/[!-~]{0,200})/.exec(start)?.[1] ?? '/';
}
