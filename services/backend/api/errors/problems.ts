/**
 * A kind of error of the API (RFC 9457): its status, its title, and what the caller can do about it. The API serves
 * this definition under the path in the `type` of a problem response.
 */
interface ProblemDefinition {
  readonly status: number;
  readonly title: string;
  readonly remedy: string;
  /** Seconds to wait before trying again. Sent in the header `Retry-After`. */
  readonly retryAfter?: number;
}

export const problems = {
  'invalid-request': {
    status: 400,
    title: 'The request is not valid',
    remedy: 'Correct each field that `errors` names. `more_errors` counts those that are left out.',
  },
  'malformed-json': {
    status: 400,
    title: 'The body is not JSON',
    remedy: 'Send one JSON object; `detail` says where the parser stopped.',
  },
  'malformed-request': {
    status: 400,
    title: 'The request cannot be read',
    remedy: 'Correct the request as `detail` says.',
  },
  'token-refused': {
    status: 401,
    title: 'The token is missing or wrong',
    remedy: 'Send the header `Authorization: Bearer <token>` with the PIPELINES_API_TOKEN of the backend.',
  },
  'declarations-off': {
    status: 403,
    title: 'Declaring pipelines is switched off',
    remedy: 'Set PIPELINES_API_TOKEN to the same secret in the backend and in the operator.',
  },
  'declared-by-cluster': {
    status: 403,
    title: 'A TradingPipeline declares this pipeline',
    remedy: 'Change the TradingPipeline in the cluster. The operator would undo a change made here.',
  },
  'origin-not-allowed': {
    status: 403,
    title: 'Pages of this origin may not use the API',
    remedy: 'Add the origin to API_ALLOWED_ORIGINS of the backend.',
  },
  'route-not-found': {
    status: 404,
    title: 'There is no such route',
    remedy: 'Look the route up in /openapi.json or on the page /docs.',
  },
  'not-found': {
    status: 404,
    title: 'Nothing has this id',
    remedy: 'Check the id. The list route of the same kind shows the existing ids.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'The route does not have this method',
    remedy: 'Use one of the methods in the header `Allow`.',
  },
  'request-timeout': {
    status: 408,
    title: 'The request took too long to arrive',
    remedy: 'Send the whole request within 30 seconds.',
  },
  'pipeline-of-user': {
    status: 409,
    title: 'The pipeline belongs to a user of this API',
    remedy:
      'Delete the pipeline with DELETE /api/v1/pipelines/{pipeline_id}, or give the TradingPipeline another name.',
  },
  'pipeline-exists': {
    status: 409,
    title: 'A pipeline with this id already exists',
    remedy: 'Choose another `pipeline_id`, or change the existing pipeline with PUT or PATCH.',
  },
  'pipeline-deleted': {
    status: 409,
    title: 'The pipeline is deleted',
    remedy: 'Create a pipeline with another id. Executions and orders still refer to this one.',
  },
  'pipeline-paused': {
    status: 409,
    title: 'The pipeline is paused',
    remedy: 'Resume the pipeline first.',
  },
  'pipeline-stopped': {
    status: 409,
    title: 'The pipeline is stopped',
    remedy: 'Start the bot first.',
  },
  'pipeline-busy': {
    status: 409,
    title: 'The pipeline is already running',
    remedy: 'Wait until the executions in `busy` have ended.',
  },
  'payload-too-large': {
    status: 413,
    title: 'The body is too large',
    remedy: 'Send a smaller body, or raise API_BODY_LIMIT_BYTES of the backend.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The content type is not supported',
    remedy: 'Send JSON with `Content-Type: application/json`.',
  },
  'expectation-failed': {
    status: 417,
    title: 'The expectation cannot be met',
    remedy: 'Leave out the header `Expect`, or send `Expect: 100-continue`.',
  },
  'host-not-allowed': {
    status: 421,
    title: 'The API does not answer to this host name',
    remedy: 'Call the API by an IP address or by localhost, or add the name to HTTP_ALLOWED_HOSTS of the backend.',
  },
  'no-room': {
    status: 422,
    title: 'There is no room for the pipeline',
    remedy:
      'Delete pipelines, give them fewer tickers or signals, or raise PIPELINES_MAX_ENTRIES of the backend and of trigger-dispatcher, with its memory.',
  },
  'upgrade-required': {
    status: 426,
    title: 'This route is a WebSocket',
    remedy: 'Connect with a WebSocket client, such as `new WebSocket(url)`.',
  },
  'too-many-requests': {
    status: 429,
    title: 'Too many requests',
    remedy: 'Try again after the seconds in the header `Retry-After`.',
  },
  'headers-too-large': {
    status: 431,
    title: 'The headers are too large',
    remedy: 'Send a URL and headers of less than 16 KiB together.',
  },
  'internal-error': {
    status: 500,
    title: 'The backend failed to handle the request',
    remedy: 'Search the log of the backend for the `request_id`.',
  },
  'database-unavailable': {
    status: 503,
    title: 'The database is unavailable',
    remedy: 'Nothing was changed. Try again after the seconds in the header `Retry-After`.',
    retryAfter: 5,
  },
  'queue-unavailable': {
    status: 503,
    title: 'The job queue is unavailable',
    remedy:
      'The executions were stored as failed. Run the pipeline again after the seconds in the header `Retry-After`.',
    retryAfter: 5,
  },
} as const satisfies Record<string, ProblemDefinition>;

export type ProblemName = keyof typeof problems;
export const problemNames = Object.keys(problems) as [ProblemName, ...ProblemName[]];

export function problemDefinition(name: ProblemName): ProblemDefinition {
  return problems[name];
}

/** An invalid field of a request. `path` is written as in JavaScript, for example `trigger.signals[0].type`. */
export interface FieldError {
  path: string;
  message: string;
}
