import { z } from 'zod';
import type { Api } from '../api-instance.ts';

export interface Health {
  /** What is wrong, by the part it is wrong with; empty when all is well. */
  readWrong(): Promise<Record<string, string>>;
}

const healthSchema = z
  .object({
    status: z.enum(['ok', 'degraded']),
    wrong: z.record(z.string(), z.string()).describe('what is wrong, by the part it is wrong with'),
  })
  .meta({ id: 'Health' });

export function addHealthRoutes(app: Api, health: Health): void {
  app.get(
    '/api/v1/health',
    {
      config: { rateLimit: false },
      schema: {
        tags: ['platform'],
        operationId: 'readHealth',
        summary: 'Is the backend well',
        description: 'For people and pages; probes ask /healthz and /readyz on the metrics port.',
        response: { 200: healthSchema, 503: healthSchema.describe('Something that it needs is away') },
      },
    },
    async (_request, reply) => {
      const wrong = await health.readWrong();
      const well = Object.keys(wrong).length === 0;
      return reply.code(well ? 200 : 503).send({ status: well ? 'ok' : 'degraded', wrong });
    },
  );
}
