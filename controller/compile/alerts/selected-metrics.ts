import { parsePromql } from '#base/promql/promql-tree.ts';

/** The names of the metrics that an expression selects, each once, in order. A selector without a name gives none. Pure. */
export function selectedMetrics(expr: string): string[] {
  const names = new Set<string>();
  parsePromql(expr)
    .cursor()
    .iterate((node) => {
      const name = node.name === 'VectorSelector' ? node.node.getChild('Identifier') : null;
      if (name) names.add(expr.slice(name.from, name.to));
    });
  return [...names];
}
