/** Names of the public API that the backend, the metrics and the documents share. */

/**
 * Everything a user can change or start through the API. These are the values of the label `action` of
 * `api_user_actions_total`. A route names its action in its configuration.
 */
export const userActions = [
  'create_pipeline',
  'update_pipeline',
  'pause_pipeline',
  'resume_pipeline',
  'delete_pipeline',
  'stop_bot',
  'start_bot',
  'run_pipeline',
] as const;
export type UserAction = (typeof userActions)[number];

/** Path of the WebSocket stream. Also the value of the label `endpoint` of `websocket_connections_active`. */
export const STREAM_PATH = '/api/v1/stream';

/**
 * Path of the list of problem kinds. `<path>/<name>` describes one kind; the `type` of a problem response is such a
 * path.
 */
export const PROBLEMS_PATH = '/api/v1/problems';
