import * as common from '@grafana/grafana-foundation-sdk/common';

/** The newest value of each series: what stats, gauges and bars show. */
export function lastValue(): common.ReduceDataOptionsBuilder {
  return new common.ReduceDataOptionsBuilder().values(false).calcs(['lastNotNull']).fields('');
}
