import { serviceNames } from '#catalogue/services.ts';

/** A query as Grafana asks it while nothing is narrowed: what a dashboard shows when it is opened. */
export function openVariables(expression: string): string {
  return expression
    .replaceAll('$__rate_interval', '1m')
    .replaceAll('$time_range', '1h')
    .replaceAll('$service', serviceNames.join('|'))
    .replaceAll(/\$(cluster|namespace|operator_namespace|pipeline_id|signal_type)\b/g, '.*');
}
