import type * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import type * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import type { DashboardOptions } from './dashboard-options.ts';
import type { Tile } from './kinds/tile.ts';
import { buildUrl } from './onward.ts';
import { panelInterval } from './scrape-interval.ts';
import { openAbsentVariables, type VariableName } from './variables.ts';

/** Number of columns of Grafana's grid. */
const GRID = 24;
/** Maximum number of tiles in one line: more would be too narrow to read. */
const MOST_ABREAST = 8;

/** One tile, or several tiles of equal height on top of each other. */
type Column = Tile | readonly Tile[];

/** Columns side by side. Their widths add up to the width of the grid. */
interface Line {
  readonly height: number;
  readonly columns: readonly { readonly tiles: readonly Tile[]; readonly width: number }[];
}

/** A row of the dashboard: a heading, with lines of panels under it. */
export interface Section {
  readonly title: string;
  readonly lines: readonly Line[];
}

/** Places tiles of equal width on as many lines as they need. */
export function buildEqualLines(height: number, tiles: readonly Tile[]): Line[] {
  const lines: Line[] = [];
  for (let start = 0; start < tiles.length; start += MOST_ABREAST) {
    const abreast = tiles.slice(start, start + MOST_ABREAST);
    const width = Math.floor(GRID / abreast.length);
    const rest = GRID - width * abreast.length;
    const columns = abreast.map((tile, index) => ({ tiles: [tile], width: index < rest ? width + 1 : width }));
    lines.push({ height, columns });
  }
  return lines;
}

/** Builds a line of columns, each with its width in grid columns. */
export function buildLine(height: number, ...columns: readonly (readonly [Column, number])[]): Line {
  return {
    height,
    columns: columns.map(([column, width]) => ({ tiles: 'panel' in column ? [column] : column, width })),
  };
}

/** Lists the tiles of all sections, from top to bottom. */
export function tilesOf(sections: readonly Section[]): Tile[] {
  return sections.flatMap(({ lines }) => lines.flatMap(({ columns }) => columns.flatMap(({ tiles }) => tiles)));
}

/** What all panels of one dashboard share: the dashboard's variables and its options. */
interface Surroundings {
  readonly variables: readonly VariableName[];
  readonly options: DashboardOptions;
}

/** Builds the rows and panels with their ids, places, links and minimum intervals. Ids count from 1, from top to bottom. */
export function placeSections(
  sections: readonly Section[],
  surroundings: Surroundings,
): (dashboard.Panel | dashboard.RowPanel)[] {
  const placed: (dashboard.Panel | dashboard.RowPanel)[] = [];
  let y = 0;
  for (const section of sections) {
    placed.push(buildRow(section.title, placed.length + 1, y));
    y += 1;
    for (const line of section.lines) {
      placed.push(...placeLine(line, placed.length + 1, y, surroundings));
      y += line.height;
    }
  }
  return placed;
}

function buildRow(title: string, id: number, y: number): dashboard.RowPanel {
  return { type: 'row', id, title, collapsed: false, gridPos: { x: 0, y, w: GRID, h: 1 }, panels: [] };
}

function placeLine(line: Line, firstId: number, top: number, surroundings: Surroundings): dashboard.Panel[] {
  const panels: dashboard.Panel[] = [];
  let x = 0;
  for (const { tiles, width } of line.columns) {
    const h = line.height / tiles.length;
    for (const [index, tile] of tiles.entries()) {
      const gridPos = { x, y: top + index * h, w: width, h };
      panels.push({ ...fitPanel(tile, surroundings), id: firstId + panels.length, gridPos });
    }
    x += width;
  }
  return panels;
}

/** Fits a panel to its dashboard, so that the panel's queries and links refer only to variables that the dashboard has. */
function fitPanel({ panel, asks, onward }: Tile, { variables, options }: Surroundings): dashboard.Panel {
  // The SDK gives data links the type of dashboard links, which requires fields that Grafana does not read in data links.
  const link = onward && { title: onward.title, url: buildUrl(onward, variables), targetBlank: false };
  const { defaults, overrides } = panel.fieldConfig ?? { defaults: {}, overrides: [] };
  // The SDK does not type targets; all of ours are Prometheus queries.
  const targets = ((panel.targets ?? []) as prometheus.Dataquery[]).map((target) => ({
    ...target,
    expr: openAbsentVariables(target.expr, variables, options),
  }));
  return {
    ...panel,
    targets,
    fieldConfig: { defaults: { ...defaults, ...(link && { links: [link as never] }) }, overrides },
    interval: panelInterval(asks, options),
  };
}
