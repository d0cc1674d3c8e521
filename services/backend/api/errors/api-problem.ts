import { z } from 'zod';
import { PROBLEMS_PATH } from '#catalogue/api.ts';
import { type FieldError, type ProblemName, problemDefinition, problems } from './problems.ts';

/** An error whose kind and message the client may see. A handler throws it, and handle-errors.ts sends the response. */
export class ApiProblem extends Error {
  readonly problem: ProblemName;
  readonly errors: readonly FieldError[];
  /** Additional members of the response body, for example `busy`, the executions that keep a pipeline busy. */
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(
    problem: ProblemName,
    detail: string,
    {
      errors = [],
      extra = {},
      cause,
    }: { errors?: readonly FieldError[]; extra?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(detail, { cause });
    this.name = 'ApiProblem';
    this.problem = problem;
    this.errors = errors;
    this.extra = extra;
  }
}

/**
 * Returns `row`, the result of looking up `id` in the database.
 * @throws ApiProblem `not-found` if `row` is undefined
 */
export function expectFound<Row>(row: Row | undefined, kind: string, id: string): Row {
  if (row === undefined) throw new ApiProblem('not-found', `There is no ${kind} "${id}".`);
  return row;
}

/** @param wrong the first wrong fields, and how many more there are */
export function invalidRequest({ errors, more }: { errors: readonly FieldError[]; more: number }): ApiProblem {
  const fields = errors.map(({ path }) => path || 'the body').join(', ');
  const others = more > 0 ? `, and ${more} more` : '';
  const extra = more > 0 ? { more_errors: more } : {};
  return new ApiProblem('invalid-request', `These fields are wrong: ${fields}${others}.`, { errors, extra });
}

interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  remedy: string;
  request_id: string;
  errors?: readonly FieldError[];
}

/** Builds the response body in the form of RFC 9457. `instance` is the URL of the request. */
export function buildProblemBody(problem: ApiProblem, instance: string, requestId: string): ProblemBody {
  const { status, title, remedy } = problemDefinition(problem.problem);
  return {
    type: `${PROBLEMS_PATH}/${problem.problem}`,
    title,
    status,
    detail: problem.message,
    instance,
    remedy,
    request_id: requestId,
    ...(problem.errors.length > 0 && { errors: problem.errors }),
    ...problem.extra,
  };
}

const fieldErrorSchema = z
  .object({
    path: z
      .string()
      .describe('Path of the field, written as in JavaScript')
      .meta({ examples: ['trigger.signals[0].type'] }),
    message: z.string(),
  })
  .meta({ id: 'FieldError' });

const problemSchema = z
  .looseObject({
    type: z.string().describe('Path of the description of this kind of problem'),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('What went wrong in this request'),
    instance: z.string().describe('URL of the request'),
    remedy: z.string().describe('What to do about it'),
    request_id: z.string().describe('Id of the request in the log of the backend'),
    errors: z.array(fieldErrorSchema).optional().describe('The wrong fields, at most ten'),
    more_errors: z.int().optional().describe('How many more fields are wrong'),
  })
  .meta({
    id: 'Problem',
    description: 'An error in the form of RFC 9457 (application/problem+json)',
    examples: [
      {
        type: `${PROBLEMS_PATH}/invalid-request`,
        title: problems['invalid-request'].title,
        status: 400,
        detail: 'These fields are wrong: trigger.signals[0].type.',
        instance: '/api/v1/pipelines',
        remedy: problems['invalid-request'].remedy,
        request_id: '8d0f2f5e-7d4c-4c5e-9a38-0d5c6f2b1a11',
        errors: [
          { path: 'trigger.signals[0].type', message: 'Invalid option: expected one of "golden_cross"|"death_cross"' },
        ],
      },
    ],
  });

/** Builds the problem responses of a route for the OpenAPI document, from a description for each status code. */
export function problemResponses<Status extends number>(descriptions: Record<Status, string>) {
  const entries = Object.entries<string>({ ...descriptions, default: 'Any other problem' }).map(
    ([status, description]) => [
      status,
      { description, content: { 'application/problem+json': { schema: problemSchema } } },
    ],
  );
  return Object.fromEntries(entries) as Record<
    Status | 'default',
    { description: string; content: { 'application/problem+json': { schema: typeof problemSchema } } }
  >;
}
