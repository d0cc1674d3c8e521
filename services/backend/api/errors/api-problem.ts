import { type FieldError, type ProblemName, problemDefinition } from './problems.ts';

/** An error that the API answers as it is. Throw it from a handler. */
export class ApiProblem extends Error {
  readonly problem: ProblemName;
  readonly errors: readonly FieldError[];
  /** Members beside those of RFC 9457. */
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

export function notFound(kind: string, id: string): ApiProblem {
  return new ApiProblem('not-found', `There is no ${kind} "${id}".`);
}

export function invalidRequest(errors: readonly FieldError[]): ApiProblem {
  const fields = errors.map(({ path }) => path || 'the body').join(', ');
  return new ApiProblem('invalid-request', `Wrong: ${fields}.`, { errors });
}

export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  remedy: string;
  request_id: string;
  errors?: readonly FieldError[];
}

/** The body of the answer, as RFC 9457 says. */
export function buildProblemBody(problem: ApiProblem, instance: string, requestId: string): ProblemBody {
  const { status, title, remedy } = problemDefinition(problem.problem);
  return {
    type: `/api/v1/problems/${problem.problem}`,
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
