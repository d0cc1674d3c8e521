import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { declaredPipelineSchema, pipelineDeclarationSchema } from '#catalogue/declared-pipelines.ts';
import { pipelineSchema, signalSubscriptionSchema, triggerSchema } from '#trading/pipelines/pipeline.ts';
import type { Api, Tag } from './resource.ts';
import { closeRequestBodies, dropTimePatterns, pruneSchemas } from './tidy-document.ts';

const DOCS = '/docs';

/**
 * zod's registry, in which the schemas of the trading domain and the catalogue get their names for the OpenAPI
 * document.
 */
const schemaRegistry = z.globalRegistry;
schemaRegistry.add(pipelineSchema, { id: 'PipelineDefinition' });
schemaRegistry.add(triggerSchema, { ...schemaRegistry.get(triggerSchema), id: 'Trigger' });
schemaRegistry.add(pipelineDeclarationSchema, { id: 'PipelineDeclaration' });
schemaRegistry.add(declaredPipelineSchema, { id: 'DeclaredPipeline' });
schemaRegistry.add(signalSubscriptionSchema, { id: 'SignalSubscription' });

const addSchemas = createJsonSchemaTransformObject({});

const description = `Times are ISO 8601 in UTC. Money and quantities are exact decimals, as strings.
Lists show the newest item first. To read the next page, send the \`next_cursor\` of a page as \`cursor\`.
Unknown fields and parameters are refused. Errors are \`application/problem+json\` (RFC 9457): they name the first ten wrong
fields and link to what to do. Requests of web pages of other origins and to unknown host names are refused. Users need no authentication, so
keep the API on a private network. Only the routes under /api/v1/cluster require a token.`;

/** Name of the security scheme in the OpenAPI document, for the routes that require the token PIPELINES_API_TOKEN. */
export const OPERATOR_TOKEN = 'operatorToken';

/**
 * Serves the OpenAPI document, built from the schemas of the routes, and a page that shows the document. Must be called
 * before the routes are added, because the document contains only routes that are added afterwards.
 */
export async function serveDocument(app: Api, tags: readonly Tag[]): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Trading platform',
        version: '1',
        description,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      tags: [...tags],
      components: {
        securitySchemes: {
          [OPERATOR_TOKEN]: { type: 'http', scheme: 'bearer', description: 'PIPELINES_API_TOKEN of the backend' },
        },
      },
    },
    transform: createJsonSchemaTransform({ skipList: [] }),
    // The type provider adds each schema twice, as input and as output, even if no route uses it. Remove the unused
    // schemas.
    transformObject: (document) => closeRequestBodies(dropTimePatterns(pruneSchemas(addSchemas(document)))),
  });
  await app.register(swaggerUi, {
    routePrefix: DOCS,
    indexPrefix: '',
    uiConfig: { deepLinking: true, displayRequestDuration: true, tryItOutEnabled: true },
    theme: { title: 'Trading platform API' },
  });
  app.get('/openapi.json', { schema: { hide: true }, config: { rateLimit: false } }, async () => app.swagger());
}
