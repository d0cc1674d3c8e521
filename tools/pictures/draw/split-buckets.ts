import type { Line } from '../read-panel.ts';

/** Buckets count all that is below their bound; gives what is in each, the lowest first, as Grafana's data source does. */
export function splitBuckets(lines: readonly Line[]): Line[] {
  const sorted = lines.toSorted((one, other) => boundOf(one) - boundOf(other));
  return sorted.map((line, row) => ({
    ...line,
    values: line.values.map((value, index) =>
      value === null ? null : Math.max(0, value - (sorted[row - 1]?.values[index] ?? 0)),
    ),
  }));
}

/** The upper bound of a bucket. */
export function boundOf({ labels }: Line): number {
  return labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le);
}
