/**
 * Every kind of error the API answers with (RFC 9457): the status, the title, and what the caller can do. The `type`
 * of an answer is a link to its entry here.
 */
export interface ProblemDefinition {
  readonly status: number;
  readonly title: string;
  readonly remedy: string;
  /** Seconds a caller should wait before it tries again. */
  readonly retryAfter?: number;
}

export const problems = {
  'invalid-request': {
    status: 400,
    title: 'The request is not valid',
    remedy: 'Correct each field that `errors` names.',
  },
  'malformed-json': {
    status: 400,
    title: 'The body is not JSON',
    remedy: 'Send one JSON object; `detail` says where the parser stopped.',
  },
  'malformed-request': {
    status: 400,
    title: 'The request cannot be read',
    remedy: 'See `detail`.',
  },
  'token-refused': {
    status: 401,
    title: 'The token is missing or wrong',
    remedy: 'Send `Authorization: Bearer` and the value of PIPELINES_API_TOKEN of the backend.',
  },
  'declarations-off': {
    status: 403,
    title: 'Nobody may declare pipelines',
    remedy: 'Set PIPELINES_API_TOKEN of the backend and of the operator to the same secret.',
  },
  'declared-by-cluster': {
    status: 403,
    title: 'The pipeline is declared by a TradingPipeline',
    remedy: 'Change the TradingPipeline in the cluster; a change made here would be undone.',
  },
  'origin-not-allowed': {
    status: 403,
    title: 'The page is of another origin',
    remedy: 'Add the origin to API_ALLOWED_ORIGINS.',
  },
  'route-not-found': {
    status: 404,
    title: 'There is no such route',
    remedy: 'The routes are listed in /openapi.json and on the page /docs.',
  },
  'not-found': {
    status: 404,
    title: 'There is no such thing',
    remedy: 'Check the id; the list of its kind shows the ids there are.',
  },
  'pipeline-of-user': {
    status: 409,
    title: 'The pipeline belongs to a user of this API',
    remedy: 'Give the TradingPipeline another name: an id is never given twice, nor is a deleted one.',
  },
  'pipeline-exists': {
    status: 409,
    title: 'The pipeline exists already',
    remedy: 'Choose another pipeline_id, or change the existing pipeline with PUT or PATCH.',
  },
  'pipeline-deleted': {
    status: 409,
    title: 'The pipeline is deleted',
    remedy: 'Create a new pipeline with another id: the history keeps this one.',
  },
  'pipeline-paused': {
    status: 409,
    title: 'The pipeline is paused',
    remedy: 'Resume it first.',
  },
  'pipeline-busy': {
    status: 409,
    title: 'The pipeline is running already',
    remedy: 'Wait until the executions that `busy` names have ended.',
  },
  'payload-too-large': {
    status: 413,
    title: 'The body is too large',
    remedy: 'Send less, or raise API_BODY_LIMIT_BYTES.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The content type is not supported',
    remedy: 'Send JSON with `Content-Type: application/json`.',
  },
  'upgrade-required': {
    status: 426,
    title: 'This is a WebSocket',
    remedy: 'Connect with a WebSocket client, such as `new WebSocket(url)`.',
  },
  'too-many-requests': {
    status: 429,
    title: 'Too many requests',
    remedy: 'Wait for `Retry-After` seconds.',
  },
  'internal-error': {
    status: 500,
    title: 'The request failed by our fault',
    remedy: 'The log of the backend has the reason under the `request_id`.',
  },
  'database-unavailable': {
    status: 503,
    title: 'The database is away',
    remedy: 'Try again after `Retry-After` seconds; nothing was changed.',
    retryAfter: 5,
  },
  'queue-unavailable': {
    status: 503,
    title: 'The job queue is away',
    remedy: 'The executions are stored as failed. Run again after `Retry-After` seconds.',
    retryAfter: 5,
  },
} as const satisfies Record<string, ProblemDefinition>;

export type ProblemName = keyof typeof problems;
export const problemNames = Object.keys(problems) as [ProblemName, ...ProblemName[]];

export function problemDefinition(name: ProblemName): ProblemDefinition {
  return problems[name];
}

/** One wrong field, by the path of it as one would write it in JavaScript. */
export interface FieldError {
  path: string;
  message: string;
}
