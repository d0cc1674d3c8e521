import * as common from '@grafana/grafana-foundation-sdk/common';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import type { Expression } from '../queries/expression.ts';

/** One query of a panel. */
export interface Query {
  readonly ask: Expression;
  /**
   * Template of the name of each series, in which {{label}} stands for the label's value. May be absent only if the
   * query returns at most one series.
   */
  readonly legend?: string;
}

/** The data source that the user chose at the top of the dashboard. */
export const DATASOURCE = { type: 'prometheus', uid: `\${datasource}` } as const;

type Mode = 'range' | 'instant' | 'table' | 'heatmap' | 'histogram';

/** Builds the queries of a panel as Grafana's targets, with refIds A, B, C. */
export function buildTargets(queries: readonly Query[], mode: Mode): prometheus.DataqueryBuilder[] {
  return queries.map((query, index) => {
    const target = new prometheus.DataqueryBuilder()
      .datasource(DATASOURCE)
      .editorMode(prometheus.QueryEditorMode.Code)
      .expr(query.ask.promql)
      .refId(String.fromCharCode(65 + index));
    applyMode(target, mode);
    if (query.legend) target.legendFormat(query.legend);
    // Asks for exemplars (traces of single observations) only of histogram buckets, because no other series have
    // exemplars, and only in panels with a time axis, because Grafana draws exemplars along it.
    const overTime = mode === 'range' || mode === 'heatmap';
    return overTime && query.ask.promql.includes('_bucket{') ? target.exemplar(true) : target;
  });
}

function applyMode(target: prometheus.DataqueryBuilder, mode: Mode): void {
  if (mode === 'range' || mode === 'heatmap') target.range();
  else target.instant();
  if (mode === 'table') target.format(prometheus.PromQueryFormat.Table);
  // Prometheus's buckets are cumulative; in this format Grafana turns them into counts of single buckets.
  if (mode === 'heatmap' || mode === 'histogram') target.format(prometheus.PromQueryFormat.Heatmap);
}

/** Reduces each series to its newest value, which stats, gauges, bars and pies show. */
export function lastValue(): common.ReduceDataOptionsBuilder {
  return new common.ReduceDataOptionsBuilder().values(false).calcs(['lastNotNull']).fields('');
}
