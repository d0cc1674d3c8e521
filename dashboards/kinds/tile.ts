import type * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import type { Expression } from '../queries/expression.ts';
import type { Query } from './query.ts';

/** A panel without its place: the layout gives it position, id, interval and the links of its dashboard. */
export interface Tile {
  readonly panel: dashboard.Panel;
  readonly asks: readonly Expression[];
  readonly onward?: Onward;
}

/** What every panel says of itself. */
export interface PanelText {
  readonly title: string;
  /** What it answers, and what to do or look at when it is bad. */
  readonly description: string;
  /** A Grafana unit id. */
  readonly unit: string;
}

/** Where a click on a series or a row leads: the same dashboard, with this variable set to this value. */
export interface Onward {
  readonly title: string;
  readonly variable: string;
  readonly value: string;
}

export function buildTile(panel: dashboard.Panel, queries: readonly Query[], onward?: Onward): Tile {
  return { panel, asks: queries.map(({ ask }) => ask), ...(onward && { onward }) };
}
