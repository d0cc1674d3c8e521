import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { maskSecrets } from '#base/mask-secrets.ts';
import { answerScrape } from './telemetry/metrics/answer-scrape.ts';
import type { Scrape } from './telemetry/telemetry.ts';

/**
 * A check whether the process can take work. Returns undefined if so, or else the reason why not. If the check throws,
 * the error is the reason.
 */
export type ReadinessCheck = () => Promise<string | undefined> | string | undefined;

export interface OpsServer {
  readonly port: number;
  /**
   * Adds a check to /readyz, whose response lists the failing checks with their reasons. Replaces an earlier check of
   * the same name.
   */
  addCheck(name: string, check: ReadinessCheck): void;
  /** Makes /readyz return 503 from now on, because the process is stopping. */
  drain(): void;
  stop(): Promise<void>;
}

interface OpsServerOptions {
  host: string;
  port: number;
  scrape: Scrape;
}

/**
 * Serves /metrics, /healthz (200 while the process lives) and /readyz (200 while it can take work) on a port of its
 * own.
 * @throws Error if the port is in use
 */
export async function startOpsServer({ host, port, scrape }: OpsServerOptions): Promise<OpsServer> {
  const checks = new Map<string, ReadinessCheck>();
  let draining = false;

  async function answerMetrics(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { headers, body } = await answerScrape(scrape, request.headers);
    response.writeHead(200, headers).end(body);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?')[0];
    if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405, 'only GET\n');
    if (path === '/healthz') return send(response, 200, 'ok\n');
    if (path === '/metrics') return answerMetrics(request, response);
    if (path === '/readyz') {
      const wrong = draining ? ['stopping'] : await failedChecks(checks);
      return send(response, wrong.length === 0 ? 200 : 503, wrong.length === 0 ? 'ok\n' : `${wrong.join('\n')}\n`);
    }
    return send(response, 404, 'not found; there are /metrics, /healthz and /readyz\n');
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => send(response, 500, `${error}\n`));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    addCheck: (name, check) => void checks.set(name, check),
    drain: () => {
      draining = true;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function failedChecks(checks: ReadonlyMap<string, ReadinessCheck>): Promise<string[]> {
  const answers = await Promise.all(
    [...checks].map(async ([name, check]) => {
      const wrong = await Promise.resolve()
        .then(check)
        .catch((error: unknown) => maskSecrets(String(error)));
      return wrong && `${name}: ${wrong}`;
    }),
  );
  return answers.filter((answer) => answer !== undefined);
}

function send(response: ServerResponse, status: number, body: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
}
