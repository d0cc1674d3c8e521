import { randomUUID } from 'node:crypto';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import websocket from '@fastify/websocket';
import Fastify, { LogController } from 'fastify';
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Logger } from '#kit/log.ts';
import type { Instruments } from '#kit/telemetry/metrics/instruments.ts';
import type { Scrape } from '#kit/telemetry/telemetry.ts';
import type { BackendConfig } from '../config.ts';
import type { StreamHub } from '../stream/stream-hub.ts';
import type { Api } from './api-instance.ts';
import { serveDocument } from './document.ts';
import { ApiProblem } from './errors/api-problem.ts';
import { answerProblem, handleErrors } from './errors/handle-errors.ts';
import { type HttpMetric, measureRequests } from './requests/measure-requests.ts';
import { parseBodies } from './requests/request-body.ts';
import { traceRequests } from './requests/trace-requests.ts';
import { validatorCompiler } from './requests/validation.ts';
import type { RouteContext } from './resource.ts';
import { addBotRoutes } from './routes/bots.ts';
import { addCostRoutes } from './routes/costs.ts';
import { addDeclaredPipelineRoutes } from './routes/declared-pipelines.ts';
import { addExecutionRoutes } from './routes/executions.ts';
import { addMetricsRoute } from './routes/metrics.ts';
import { addOrderRoutes } from './routes/orders.ts';
import { addPipelineRoutes } from './routes/pipelines.ts';
import { addHealthRoutes, type Health } from './routes/platform.ts';
import { addPortfolioRoute } from './routes/portfolio.ts';
import { addProblemRoutes } from './routes/problems.ts';
import { addSignalRoutes } from './routes/signals.ts';
import { addStreamRoute } from './routes/stream.ts';

export interface ApiOptions extends RouteContext {
  config: Pick<
    BackendConfig,
    | 'API_RATE_LIMIT_PER_MINUTE'
    | 'API_BODY_LIMIT_BYTES'
    | 'API_TRUST_PROXY'
    | 'API_ALLOWED_ORIGINS'
    | 'METRICS_ON_API'
    | 'PIPELINES_API_TOKEN'
  >;
  log: Logger;
  instruments: Instruments<HttpMetric>;
  hub: StreamHub;
  health: Health;
  scrape: Scrape;
}

/** Builds the HTTP API; nothing listens yet. */
export async function createApi(options: ApiOptions): Promise<Api> {
  const { config, hub } = options;
  const app = createServer(options);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  parseBodies(app);
  traceRequests(app);
  measureRequests(app, options.instruments);
  app.addHook('onRequest', async (request, reply) => void reply.header('x-request-id', request.id));
  logRequests(app);
  await protect(app, config);
  await app.register(websocket, {
    options: { maxPayload: 1_024 },
    preClose: () => hub.closeAll(),
    errorHandler: (error, socket, request) => {
      request.log.warn({ error }, 'stream connection failed');
      socket.terminate();
    },
  });
  await serveDocument(app);
  handleErrors(app);

  addPipelineRoutes(app, options);
  addDeclaredPipelineRoutes(app, options, config.PIPELINES_API_TOKEN);
  addExecutionRoutes(app, options);
  addSignalRoutes(app, options);
  addOrderRoutes(app, options);
  addBotRoutes(app, options);
  addPortfolioRoute(app, options);
  addCostRoutes(app, options);
  addStreamRoute(app, hub, config.API_ALLOWED_ORIGINS);
  addHealthRoutes(app, options.health);
  addProblemRoutes(app);
  if (config.METRICS_ON_API) addMetricsRoute(app, options.scrape);
  await app.ready();
  return app;
}

function createServer({ config, log }: Pick<ApiOptions, 'config' | 'log'>): Api {
  return Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    bodyLimit: config.API_BODY_LIMIT_BYTES,
    trustProxy: config.API_TRUST_PROXY,
    requestTimeout: 30_000,
    forceCloseConnections: 'idle',
    genReqId: ({ headers }) => {
      const given = headers['x-request-id'];
      return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
    },
    frameworkErrors: (error, request, reply) => {
      const problem = new ApiProblem('malformed-request', error.message, { cause: error });
      answerProblem(problem, request as never, reply as never);
    },
  }).withTypeProvider<ZodTypeProvider>();
}

/** Headers that browsers heed, and a limit of requests for each address. */
async function protect(app: Api, config: ApiOptions['config']): Promise<void> {
  await app.register(helmet, {
    // Served over plain HTTP: a browser told to upgrade would not find the page's own files.
    contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
    strictTransportSecurity: false,
  });
  await app.register(rateLimit, {
    max: config.API_RATE_LIMIT_PER_MINUTE,
    timeWindow: 60_000,
    errorResponseBuilder: (_request, { after, max }) =>
      new ApiProblem('too-many-requests', `More than ${max} requests in a minute; try again in ${after}.`),
  });
}

function logRequests(app: Api): void {
  app.addHook('onResponse', async (request, reply) => {
    const { method, ip, routeOptions } = request;
    const fields = {
      method,
      route: routeOptions.url,
      status: reply.statusCode,
      duration_ms: reply.elapsedTime,
      client: ip,
    };
    request.log.debug(fields, 'request answered');
  });
}
