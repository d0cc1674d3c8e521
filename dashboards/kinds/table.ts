import * as common from '@grafana/grafana-foundation-sdk/common';
import type * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/table';
import { joinQueries, pickColumns, valueColumn } from './join.ts';
import { buildTargets, DATASOURCE, type Query } from './query.ts';
import { buildTile, type Onward, type PanelText, type Tile } from './tile.ts';

export interface TableSpec extends PanelText {
  readonly query: Query;
  /** Columns in order: the label (or `Value`) and its heading. */
  readonly columns: Readonly<Record<string, string>>;
  /** A column of long names, and its pixels; the others share what is left. */
  readonly widest?: { readonly column: string; readonly pixels: number };
  /** The column of the numbers, whose unit is none of the other columns: those are text, which a unit of time makes NaN. */
  readonly measured: { readonly column: string; readonly unit: string };
  /** Cells of a column that have a colour by their text. */
  readonly coloured?: { readonly column: string; readonly mappings: dashboard.ValueMapping[] };
  readonly whenEmpty: string;
  readonly onward: Onward;
}

/** The series of one query, a row each. */
export function buildTable(spec: TableSpec): Tile {
  const panel = tablePanel(spec)
    .targets(buildTargets([spec.query], 'table'))
    .withTransformation(pickColumns(spec.columns));
  // a label that a row has not is empty; the panel's own words for emptiness are of the whole
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
  /** As many as the value deserves when absent. */
  readonly decimals?: number;
  readonly query: Query;
}

export interface ComparisonSpec extends PanelText {
  /** The label whose values are the rows, and its heading. */
  readonly rows: { readonly label: string; readonly heading: string };
  /** What is known of each; sorted by the first, the largest on top. */
  readonly measured: readonly MeasuredColumn[];
  readonly whenEmpty: string;
  readonly onward: Onward;
}

/** Several measures of the same things, a row each. A row needs all of them. */
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

/** The options of a field that say how its numbers are written. */
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
