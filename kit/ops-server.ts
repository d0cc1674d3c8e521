import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { maskSecrets } from '#base/mask-secrets.ts';
import { createHostCheck } from './http/host-check.ts';
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
  /** Host names that the server answers to, besides those that `createHostCheck` always accepts. */
  allowedHosts?: readonly string[];
}

/**
 * Serves /metrics, /healthz (200 while the process lives) and /readyz (200 while it can take work) on a port of its
 * own.
 * @throws Error if the port is in use
 */
export async function startOpsServer({ host, port, scrape, allowedHosts }: OpsServerOptions): Promise<OpsServer> {
  const answersTo = createHostCheck(allowedHosts ?? []);
  const checks = new Map<string, ReadinessCheck>();
  let draining = false;

  async function answerMetrics(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { headers, body } = await answerScrape(scrape, request.headers);
    response.writeHead(200, headers).end(body);
  }

  const routes: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => unknown>> = {
    '/healthz': (_, response) => send(response, 200, 'ok\n'),
    '/metrics': answerMetrics,
    '/readyz': async (_, response) => {
      const wrong = draining ? ['stopping'] : await failedChecks(checks);
      send(response, wrong.length === 0 ? 200 : 503, wrong.length === 0 ? 'ok\n' : `${wrong.join('\n')}\n`);
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { host } = request.headers;
    if (!answersTo(host))
      return send(response, 421, `this port does not answer to the host name ${host}: add it to HTTP_ALLOWED_HOSTS\n`);
    const path = request.url?.split('?')[0] ?? '';
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
    if (!route) return send(response, 404, 'not found; there are /metrics, /healthz and /readyz\n');
    if (request.method === 'GET' || request.method === 'HEAD') return void (await route(request, response));
    response.setHeader('allow', 'GET, HEAD');
    return send(response, 405, 'only GET\n');
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
