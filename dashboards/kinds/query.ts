import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import type { Expression } from '../queries/expression.ts';

/** An expression as a panel asks it. `legend` names its series; absent only where there can be no more than one. */
export interface Query {
  readonly ask: Expression;
  readonly legend?: string;
}

export const DATASOURCE = { type: 'prometheus', uid: `\${datasource}` } as const;

type Mode = 'range' | 'instant' | 'table' | 'heatmap' | 'histogram';

/** The targets of a panel, with refIds A, B, C. */
export function buildTargets(queries: readonly Query[], mode: Mode): prometheus.DataqueryBuilder[] {
  return queries.map((query, index) => {
    const target = new prometheus.DataqueryBuilder()
      .datasource(DATASOURCE)
      .editorMode(prometheus.QueryEditorMode.Code)
      .expr(query.ask.promql)
      .refId(String.fromCharCode(65 + index));
    applyMode(target, mode);
    if (query.legend) target.legendFormat(query.legend);
    // Only a histogram carries exemplars: the traces behind a slow bucket. At one moment they have no place to stand.
    const overTime = mode === 'range' || mode === 'heatmap';
    return overTime && query.ask.promql.includes('_bucket{') ? target.exemplar(true) : target;
  });
}

function applyMode(target: prometheus.DataqueryBuilder, mode: Mode): void {
  if (mode === 'range' || mode === 'heatmap') target.range();
  else target.instant();
  if (mode === 'table') target.format(prometheus.PromQueryFormat.Table);
  // Prometheus' buckets contain each other; this format takes them apart.
  if (mode === 'heatmap' || mode === 'histogram') target.format(prometheus.PromQueryFormat.Heatmap);
}
