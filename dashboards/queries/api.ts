/** The public API: actions of users, and responses to their requests. */
import {
  above,
  largest,
  observationRate,
  quantile,
  quantileWithin,
  rate,
  ratio,
  SUMMARY_WINDOW,
  sumOf,
  total,
} from './expression.ts';

const HTTP = 'http_server_request_duration_seconds';

export const actionRate = rate('api_user_actions_total', { by: ['action'] });
export const actionsOfWindow = total('api_user_actions_total', SUMMARY_WINDOW, { by: ['action'] });
export const failedActions = above(
  0,
  total('api_user_actions_total', SUMMARY_WINDOW, { where: { status: 'error' }, by: ['action'] }),
);

export const requestRate = observationRate(HTTP, { by: ['method', 'route'] });
export const requestRateByStatus = observationRate(HTTP, { by: ['status_code'] });
export const activeRequests = sumOf('http_server_active_requests');
export const serverErrorShare = ratio(
  observationRate(HTTP, { where: { status_code: { matches: '5..' } } }),
  observationRate(HTTP),
);
export const clientErrorShare = ratio(
  observationRate(HTTP, { where: { status_code: { matches: '4..' } } }),
  observationRate(HTTP),
);
export const requestP50 = quantile(0.5, HTTP);
export const requestP95 = quantile(0.95, HTTP);
export const requestP99 = quantile(0.99, HTTP);
export const requestBytesP95 = quantile(0.95, 'http_server_request_size_bytes');
export const responseBytesP95 = quantile(0.95, 'http_server_response_size_bytes');
export const slowestRoutes = largest(10, quantileWithin(0.95, HTTP, SUMMARY_WINDOW, { by: ['method', 'route'] }));
