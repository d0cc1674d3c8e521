import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { declaredPipelineSchema, pipelineDeclarationSchema } from '#catalogue/declared-pipelines.ts';
import { pipelineSchema, signalSubscriptionSchema, triggerSchema } from '#trading/pipelines/pipeline.ts';
import type { Api } from './api-instance.ts';
import { dropTimePatterns, pruneSchemas } from './tidy-document.ts';

const DOCS = '/docs';

/** What the catalogue defines, by the names the document gives it. */
const schemaRegistry = z.globalRegistry;
schemaRegistry.add(pipelineSchema, { id: 'PipelineDefinition' });
schemaRegistry.add(triggerSchema, { ...schemaRegistry.get(triggerSchema), id: 'Trigger' });
schemaRegistry.add(pipelineDeclarationSchema, { id: 'PipelineDeclaration' });
schemaRegistry.add(declaredPipelineSchema, { id: 'DeclaredPipeline' });
schemaRegistry.add(signalSubscriptionSchema, { id: 'SignalSubscription' });

const addSchemas = createJsonSchemaTransformObject({});

const tags = [
  { name: 'pipelines', description: 'What is traded, and when: create, change, pause, run' },
  { name: 'cluster', description: 'Pipelines that TradingPipelines declare; for the operator' },
  { name: 'executions', description: 'Runs of pipelines, with their stages' },
  { name: 'signals', description: 'What the generators saw in the market' },
  { name: 'orders', description: 'What was bought and sold' },
  { name: 'bots', description: 'Pipelines that trade, with what they earned' },
  { name: 'portfolio', description: 'Cash and positions' },
  { name: 'cost', description: 'What language models cost, and what is left of budgets' },
  { name: 'stream', description: 'Signals and executions as they come, by WebSocket' },
  { name: 'platform', description: 'The API itself' },
];

const description = `Times are ISO 8601 in UTC. Money and quantities are exact decimals, as strings.
Lists are newest first; \`next_cursor\` of a page is \`cursor\` of the next. Fields that are not known are refused.
Errors are \`application/problem+json\` (RFC 9457), name each wrong field, and link to what to do.
Users need no authentication: keep the API on a private network. The routes of the cluster take a bearer token.`;

/** Who may declare pipelines. */
export const OPERATOR_TOKEN = 'operatorToken';

/** Serves the OpenAPI document, made of the routes' own schemas, and its page. Call before the routes are added. */
export async function serveDocument(app: Api): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Trading platform',
        version: '1',
        description,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      tags,
      components: {
        securitySchemes: {
          [OPERATOR_TOKEN]: { type: 'http', scheme: 'bearer', description: 'PIPELINES_API_TOKEN of the backend' },
        },
      },
    },
    transform: createJsonSchemaTransform({ skipList: [] }),
    // The provider describes each schema as input and as output, used or not.
    transformObject: (document) => dropTimePatterns(pruneSchemas(addSchemas(document))),
  });
  await app.register(swaggerUi, {
    routePrefix: DOCS,
    indexPrefix: '',
    uiConfig: { deepLinking: true, displayRequestDuration: true, tryItOutEnabled: true },
    theme: { title: 'Trading platform API' },
  });
  app.get('/openapi.json', { schema: { hide: true }, config: { rateLimit: false } }, async () => app.swagger());
}
