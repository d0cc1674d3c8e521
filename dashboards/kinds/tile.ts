import type * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import type { Expression } from '../queries/expression.ts';
import type { Query } from './query.ts';

/** A panel without its place. The layout (layout.ts) adds position, id, interval and link. */
export interface Tile {
  readonly panel: dashboard.Panel;
  readonly asks: readonly Expression[];
  readonly onward?: Onward;
}

/** Title, description, unit and other strings of a panel. */
export interface PanelText {
  readonly title: string;
  /** What the panel shows, and what to look at if the value is bad. */
  readonly description: string;
  /** Id of a Grafana unit, such as `percentunit`. */
  readonly unit: string;
}

/** The link of a series or a row. The link opens the same dashboard with this variable set to this value. */
export interface Onward {
  readonly title: string;
  readonly variable: string;
  readonly value: string;
}

/** Keeps a panel together with the expressions it queries, from which the layout derives the panel's variables and interval. */
export function buildTile(panel: dashboard.Panel, queries: readonly Query[], onward?: Onward): Tile {
  return { panel, asks: queries.map(({ ask }) => ask), ...(onward && { onward }) };
}
