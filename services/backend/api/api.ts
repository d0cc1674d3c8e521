import { randomUUID } from 'node:crypto';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import websocket from '@fastify/websocket';
import Fastify, { LogController } from 'fastify';
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Instruments } from '#kit/telemetry/metrics/instruments.ts';
import type { BackendConfig } from '../config.ts';
import { serveDocument } from './document.ts';
import { ApiProblem } from './errors/api-problem.ts';
import { answerBrokenRequests, createParserErrorHandler } from './errors/broken-requests.ts';
import { answerProblem, handleErrors } from './errors/handle-errors.ts';
import { collectMethods } from './requests/allowed-methods.ts';
import { type HttpMetric, measureRequests } from './requests/measure-requests.ts';
import { refuseStrangers } from './requests/refuse-strangers.ts';
import { parseBodies } from './requests/request-body.ts';
import { traceRequests } from './requests/trace-requests.ts';
import { validatorCompiler } from './requests/validation.ts';
import type { Api, Resource, RouteContext, Tag } from './resource.ts';
import { bots } from './routes/bots.ts';
import { costs } from './routes/costs.ts';
import { declaredPipelines } from './routes/declared-pipelines.ts';
import { executions } from './routes/executions.ts';
import { orders } from './routes/orders.ts';
import { pipelineChanges } from './routes/pipeline-changes.ts';
import { pipelineRuns } from './routes/pipeline-runs.ts';
import { pipelines } from './routes/pipelines.ts';
import { platform } from './routes/platform.ts';
import { portfolio } from './routes/portfolio.ts';
import { signals } from './routes/signals.ts';
import { stream } from './routes/stream.ts';

/** All API resources (groups of routes), in the order of the OpenAPI document. */
const resources: readonly Resource[] = [
  pipelines,
  pipelineChanges,
  pipelineRuns,
  declaredPipelines,
  executions,
  signals,
  orders,
  bots,
  portfolio,
  costs,
  stream,
  platform,
];

interface ApiOptions extends RouteContext {
  config: RouteContext['config'] &
    Pick<BackendConfig, 'API_RATE_LIMIT_PER_MINUTE' | 'API_BODY_LIMIT_BYTES' | 'API_TRUST_PROXY'>;
  instruments: Instruments<HttpMetric>;
}

/** Builds the HTTP server of the API. The server does not listen yet. */
export async function createApi(options: ApiOptions): Promise<Api> {
  const { config, hub } = options;
  const app = createServer(options);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  parseBodies(app);
  const allowedMethods = collectMethods(app);
  traceRequests(app);
  measureRequests(app, options.instruments);
  app.addHook('onRequest', async (request, reply) => void reply.header('x-request-id', request.id));
  logRequests(app);
  refuseStrangers(app, config);
  await protect(app, config);
  // Before all other plugins: a plugin keeps the error handler that is set when it is registered.
  handleErrors(app, allowedMethods);
  await app.register(websocket, {
    options: { maxPayload: 1_024 },
    preClose: () => hub.closeAll(),
    errorHandler: (error, socket, request) => {
      request.log.warn({ error }, 'a connection of the stream failed');
      socket.terminate();
    },
  });
  await serveDocument(app, uniqueTags());
  answerBrokenRequests(app, options.log);
  for (const resource of resources) addResource(app, resource, options);
  await app.ready();
  return app;
}

/**
 * Adds the routes of one API resource in a fastify scope of their own, so that hooks that `addRoutes` adds apply only
 * to these routes.
 */
function addResource(app: Api, { tag, addRoutes }: Resource, context: RouteContext): void {
  app.register(async (scope: Api) => {
    scope.addHook('onRoute', (route) => {
      route.schema = { ...route.schema, tags: [tag.name] };
    });
    addRoutes(scope, context);
  });
}

function uniqueTags(): Tag[] {
  return [...new Map(resources.map(({ tag }) => [tag.name, tag])).values()];
}

function createServer({ config, log }: Pick<ApiOptions, 'config' | 'log'>): Api {
  return Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    bodyLimit: config.API_BODY_LIMIT_BYTES,
    // Only the nearest proxy is trusted, so the client's address is the last one in X-Forwarded-For, which that proxy wrote.
    // Clients write those before it.
    trustProxy: config.API_TRUST_PROXY && ((_address, hop) => hop === 0),
    requestTimeout: 30_000,
    // The schemas bound ids. A lower limit here would answer 404 to ids that can be stored, which may be percent-encoded.
    routerOptions: { maxParamLength: 2_000, ignoreTrailingSlash: true },
    // refuseStrangers answers to a missing Host with a problem; Node would send an empty response.
    http: { requireHostHeader: false },
    // A request that comes on an open connection while the server closes is still answered, instead of with plain JSON.
    return503OnClosing: false,
    clientErrorHandler: createParserErrorHandler(log),
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

/** Adds security headers for browsers, and limits the number of requests of each client address. */
async function protect(app: Api, config: ApiOptions['config']): Promise<void> {
  await app.register(helmet, {
    // The backend serves plain HTTP. If browsers upgraded requests to HTTPS, they could not load the files of the page
    // /docs.
    contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
    strictTransportSecurity: false,
  });
  await app.register(rateLimit, {
    max: config.API_RATE_LIMIT_PER_MINUTE,
    timeWindow: 60_000,
    errorResponseBuilder: (_request, { after, max }) =>
      new ApiProblem(
        'too-many-requests',
        `This address sent more than ${max} requests in a minute. Try again in ${after}.`,
      ),
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
