import { z } from 'zod';
import { PROBLEMS_PATH } from '#catalogue/api.ts';
import type { ReadinessCheck } from '#kit/ops-server.ts';
import { answerScrape } from '#kit/telemetry/metrics/answer-scrape.ts';
import { problemResponses } from '../errors/api-problem.ts';
import { type ProblemName, problemDefinition, problemNames } from '../errors/problems.ts';
import type { Api, Resource, RouteContext } from '../resource.ts';

const healthSchema = z
  .object({
    status: z.enum(['ok', 'degraded']),
    wrong: z.record(z.string(), z.string()).describe('Reason of each failed check, by the part checked'),
  })
  .meta({ id: 'Health' });

const problemDefinitionSchema = z
  .object({
    type: z.string(),
    name: z.enum(problemNames),
    status: z.int(),
    title: z.string(),
    remedy: z.string(),
  })
  .meta({ id: 'ProblemDefinition', description: 'A kind of problem, and what to do about it' });

export const platform: Resource = {
  tag: { name: 'platform', description: 'Health and errors of the API itself' },
  addRoutes(app, context) {
    addHealth(app, context);
    addProblems(app);
    if (context.config.METRICS_ON_API) addMetrics(app, context);
  },
};

function addHealth(app: Api, { checks }: RouteContext): void {
  app.get(
    '/api/v1/health',
    {
      config: { rateLimit: false },
      schema: {
        operationId: 'readHealth',
        summary: 'Read the health of the backend',
        description: 'For people and web pages. Probes use /healthz and /readyz on the metrics port.',
        response: { 200: healthSchema, 503: healthSchema.describe('Something that the backend needs does not work') },
      },
    },
    async (_request, reply) => {
      const wrong = await readWrong(checks);
      const well = Object.keys(wrong).length === 0;
      return reply.code(well ? 200 : 503).send({ status: well ? 'ok' : 'degraded', wrong });
    },
  );
}

/** Runs all readiness checks. Returns the reason of each failing check, keyed by the name of the check. */
async function readWrong(checks: RouteContext['checks']): Promise<Record<string, string>> {
  const answers = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await answerOf(check)] as const),
  );
  return Object.fromEntries(answers.flatMap(([name, wrong]) => (wrong === undefined ? [] : [[name, wrong]])));
}

async function answerOf(check: ReadinessCheck): Promise<string | undefined> {
  try {
    return await check();
  } catch {
    // The error's message is not sent, because it may contain addresses and this response is public.
    return 'does not answer';
  }
}

function addProblems(app: Api): void {
  app.get(
    PROBLEMS_PATH,
    {
      schema: {
        operationId: 'listProblems',
        summary: 'List the kinds of problems',
        response: { 200: z.object({ items: z.array(problemDefinitionSchema) }), ...problemResponses({}) },
      },
    },
    async () => ({ items: problemNames.map(presentDefinition) }),
  );

  app.get(
    `${PROBLEMS_PATH}/:name`,
    {
      schema: {
        operationId: 'readProblem',
        summary: 'Read a kind of problem',
        params: z.object({ name: z.enum(problemNames) }),
        response: { 200: problemDefinitionSchema, ...problemResponses({ 400: 'There is no such kind of problem' }) },
      },
    },
    async ({ params }) => presentDefinition(params.name),
  );
}

function presentDefinition(name: ProblemName): z.output<typeof problemDefinitionSchema> {
  const { status, title, remedy } = problemDefinition(name);
  return { type: `${PROBLEMS_PATH}/${name}`, name, status, title, remedy };
}

/**
 * Serves /metrics also on the API port, because users of a local run look for the metrics there. Prometheus scrapes
 * /metrics on a port of its own.
 */
function addMetrics(app: Api, { scrape }: RouteContext): void {
  app.get('/metrics', { schema: { hide: true }, config: { rateLimit: false } }, async (request, reply) => {
    const { headers, body } = await answerScrape(scrape, request.headers);
    return reply.headers(headers).send(body);
  });
}
