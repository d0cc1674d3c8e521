import type { DashboardName } from '#catalogue/dashboards.ts';
import { sectionsOf } from './boards.ts';
import type { DashboardOptions } from './dashboard-options.ts';
import { buildFrame } from './frame.ts';
import { placeSections, tilesOf } from './layout.ts';
import { findVariables, type VariableName } from './variables.ts';

export type { DashboardOptions } from './dashboard-options.ts';

/** Builds a dashboard in Grafana's classic JSON model. The same options give the same JSON, byte for byte. */
export function buildDashboard(name: DashboardName, options: DashboardOptions): object {
  const sections = sectionsOf[name](options);
  const variables = findVariables(tilesOf(sections).flatMap(({ asks }) => asks));
  const panels = placeSections(sections, { variables, options });
  // The SDK's objects have methods and undefined fields, which are not part of the model, so the conversion to JSON and back
  // drops them.
  return JSON.parse(JSON.stringify({ ...buildFrame(name, variables, options), panels }));
}

const variablesOf = new Map<DashboardName, readonly VariableName[]>();

/** Lists the variables of a dashboard, in the order in which the dashboard shows them. The variables do not depend on the options. */
export function listVariables(name: DashboardName): readonly VariableName[] {
  const known = variablesOf.get(name);
  if (known) return known;
  const found = findVariables(tilesOf(sectionsOf[name]({ services: [] })).flatMap(({ asks }) => asks));
  variablesOf.set(name, found);
  return found;
}
