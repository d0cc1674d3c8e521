import type * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';

/** The column a query's values stand in: `Value` of an only query, `Value #A` of one among several. */
export function valueColumn(index: number, count: number): string {
  return count === 1 ? 'Value' : `Value #${String.fromCharCode(65 + index)}`;
}

/**
 * Instant queries as one table, a row for each value of `label` that all of them know. Each query brings a time of its
 * own, which is dropped: left in, it would be a column, and a scatter's x axis.
 */
export function joinQueries(label: string, count: number): dashboard.DataTransformerConfig[] {
  return count === 1 ? [] : [{ id: 'joinByField', options: { byField: label, mode: 'inner' } }];
}

/** Columns in the order given, under their headings; no times. */
export function pickColumns(columns: Readonly<Record<string, string>>, count = 1): dashboard.DataTransformerConfig {
  // Joined frames number the columns that several of them have.
  const times = count === 1 ? ['Time'] : Array.from({ length: count }, (_, index) => `Time ${index + 1}`);
  return {
    id: 'organize',
    options: {
      excludeByName: Object.fromEntries(times.map((name) => [name, true])),
      indexByName: Object.fromEntries(Object.keys(columns).map((name, index) => [name, index])),
      renameByName: columns,
    },
  };
}
