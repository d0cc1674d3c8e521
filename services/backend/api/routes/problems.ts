import { z } from 'zod';
import type { Api } from '../api-instance.ts';
import { type ProblemName, problemDefinition, problemNames } from '../errors/problems.ts';
import { problemDefinitionSchema, problemResponses } from '../fields.ts';

const tags = ['platform'];

/** What the `type` of a problem links to. */
export function addProblemRoutes(app: Api): void {
  app.get(
    '/api/v1/problems',
    {
      schema: {
        tags,
        operationId: 'listProblems',
        summary: 'List the kinds of problems',
        response: { 200: z.object({ items: z.array(problemDefinitionSchema) }), ...problemResponses({}) },
      },
    },
    async () => ({ items: problemNames.map(presentDefinition) }),
  );

  app.get(
    '/api/v1/problems/:name',
    {
      schema: {
        tags,
        operationId: 'readProblem',
        summary: 'Read what a kind of problem means and what to do',
        params: z.object({ name: z.enum(problemNames) }),
        response: { 200: problemDefinitionSchema, ...problemResponses({ 400: 'There is no such kind' }) },
      },
    },
    async ({ params }) => presentDefinition(params.name),
  );
}

function presentDefinition(name: ProblemName): z.output<typeof problemDefinitionSchema> {
  const { status, title, remedy } = problemDefinition(name);
  return { type: `/api/v1/problems/${name}`, name, status, title, remedy };
}
