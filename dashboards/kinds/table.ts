import * as common from '@grafana/grafana-foundation-sdk/common';
import type * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/table';
import { buildTargets, DATASOURCE, type Query } from './query.ts';
import { buildTile, type Onward, type PanelText, type Tile } from './tile.ts';

interface TableSpec extends PanelText {
  readonly query: Query;
  /** Headings of the columns, in order, keyed by label; the key `Value` stands for the value of the series. */
  readonly columns: Readonly<Record<string, string>>;
  /** A column that needs a fixed width in pixels; the other columns share the remaining width. */
  readonly widest?: { readonly column: string; readonly pixels: number };
  /** The only column of numbers. Its unit must not apply to the columns of text, because a unit of time would show text as NaN. */
  readonly measured: { readonly column: string; readonly unit: string };
  /** A column whose cells are coloured by their text. */
  readonly coloured?: { readonly column: string; readonly mappings: dashboard.ValueMapping[] };
  readonly whenEmpty: string;
  readonly onward: Onward;
}

/** Builds a table with a row for each series of one query. */
export function buildTable(spec: TableSpec): Tile {
  const panel = tablePanel(spec)
    .targets(buildTargets([spec.query], 'table'))
    .withTransformation(pickColumns(spec.columns));
  // The panel's noValue applies to the whole table. This override shows a dash in a single cell without a value.
  for (const heading of Object.values(spec.columns)) panel.overrideByName(heading, [{ id: 'noValue', value: '-' }]);
  panel.overrideByName(spec.measured.column, [{ id: 'unit', value: spec.measured.unit }]);
  if (spec.widest) panel.overrideByName(spec.widest.column, [{ id: 'custom.width', value: spec.widest.pixels }]);
  if (spec.coloured) {
    panel.overrideByName(spec.coloured.column, [
      { id: 'custom.cellOptions', value: { type: 'color-text' } },
      { id: 'mappings', value: spec.coloured.mappings },
    ]);
  }
  return buildTile(panel.build(), [spec.query], spec.onward);
}

export interface MeasuredColumn {
  readonly heading: string;
  readonly unit: string;
  /** Number of decimals. If absent, Grafana chooses the number from the value. */
  readonly decimals?: number;
  readonly query: Query;
}

interface ComparisonSpec extends PanelText {
  /** The label that has one row for each of its values, and the heading of the label's column. */
  readonly rows: { readonly label: string; readonly heading: string };
  /** The measures of each row. The table is sorted by the first measure, with the largest value on top. */
  readonly measured: readonly MeasuredColumn[];
  readonly whenEmpty: string;
  readonly onward: Onward;
}

/** Builds a table of several measures, with a row for each value of a label. A row that lacks one of the measures is left out. */
export function buildComparison(spec: ComparisonSpec): Tile {
  const { rows, measured } = spec;
  const queries = measured.map(({ query }) => query);
  const values = measured.map(({ heading }, index) => [valueColumn(index, measured.length), heading]);
  const panel = tablePanel(spec)
    .targets(buildTargets(queries, 'table'))
    .transformations([
      ...joinQueries(rows.label, measured.length),
      pickColumns({ [rows.label]: rows.heading, ...Object.fromEntries(values) }, measured.length),
    ])
    .sortBy([new common.TableSortByFieldStateBuilder().displayName(measured[0]?.heading ?? rows.heading).desc(true)]);
  for (const column of measured) panel.overrideByName(column.heading, showMeasure(column));
  return buildTile(panel.build(), queries, spec.onward);
}

/** Builds the field options for the unit and the decimals of a measure. */
export function showMeasure({ unit, decimals }: MeasuredColumn): dashboard.DynamicConfigValue[] {
  const asUnit = { id: 'unit', value: unit };
  return decimals === undefined ? [asUnit] : [asUnit, { id: 'decimals', value: decimals }];
}

function tablePanel({ title, description, unit, whenEmpty }: PanelText & { readonly whenEmpty: string }): PanelBuilder {
  return new PanelBuilder()
    .title(title)
    .description(description)
    .unit(unit)
    .datasource(DATASOURCE)
    .noValue(whenEmpty)
    .filterable(false)
    .showHeader(true);
}

/** Returns Grafana's name of the column with a query's values: `Value` for a single query, `Value #A` for the first of several. */
export function valueColumn(index: number, count: number): string {
  return count === 1 ? 'Value' : `Value #${String.fromCharCode(65 + index)}`;
}

/** Joins instant queries into one table, with a row for each value of `label` that all queries have. */
export function joinQueries(label: string, count: number): dashboard.DataTransformerConfig[] {
  return count === 1 ? [] : [{ id: 'joinByField', options: { byField: label, mode: 'inner' } }];
}

/**
 * Keeps the columns in the given order, under their headings, and drops each query's time, which would otherwise be a column of
 * the table and the x axis of a scatter chart.
 * @param count number of queries that were joined
 */
export function pickColumns(columns: Readonly<Record<string, string>>, count = 1): dashboard.DataTransformerConfig {
  // If several queries have a column of the same name, the join appends a number to each of these names.
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
