/**
 * Builds the link from an alert to its dashboard in Grafana, with values for the dashboard's variables. If the URL of Grafana
 * is unknown, the link is only a path, and a chat or page that shows the link can put the URL in front. Pure.
 */
import { createHash } from 'node:crypto';
import { type DashboardName, dashboards } from '#catalogue/dashboards.ts';
import { listVariables } from '#dashboards/index.ts';
import type { VariableName } from '#dashboards/variables.ts';
import type { Owner } from '../objects/object-meta.ts';

const GRAFANA_UID_LENGTH = 40;

/** Where the dashboards of a resource are, and which pipeline they show first. */
export interface DashboardAddress {
  readonly owner: Owner;
  /** URL at which users open Grafana, without a slash at its end. */
  readonly grafanaUrl?: string;
  /** If set, the link selects this pipeline instead of the resource's namespace. */
  readonly pipelineId?: string;
  /** Dashboards whose uid contains a hash of the resource, because another resource has the plain uid. */
  readonly qualified: ReadonlySet<DashboardName>;
}

/**
 * Returns the uid of a resource's dashboard in Grafana. A qualified uid ends with a hash of the resource's namespace and name.
 */
export function dashboardUid(name: DashboardName, owner: Owner, qualified: boolean): string {
  const { uid } = dashboards[name];
  if (!qualified) return uid;
  const hash = createHash('sha256').update(`${owner.namespace}/${owner.name}`).digest('hex').slice(0, 8);
  return `${uid.slice(0, GRAFANA_UID_LENGTH - 9)}-${hash}`;
}

/** Returns a template that Prometheus replaces with the label's value, escaped for a URL. */
export function labelInUrl(label: string): string {
  return `{{ $labels.${label} | urlquery }}`;
}

/**
 * Returns the link to a dashboard. The link may contain Prometheus templates. Variables that the dashboard does not have are
 * left out.
 * @param chosen values of variables, already escaped for a URL; all other variables keep the dashboard's default
 */
export function buildDashboardUrl(
  name: DashboardName,
  chosen: Readonly<Partial<Record<VariableName, string>>>,
  { owner, grafanaUrl = '', pipelineId, qualified }: DashboardAddress,
): string {
  const known = listVariables(name);
  const place = pipelineId === undefined ? { namespace: owner.namespace } : { pipeline_id: pipelineId };
  const query = Object.entries({ ...place, ...chosen })
    .filter(([variable, value]) => value !== undefined && (known as readonly string[]).includes(variable))
    .map(([variable, value]) => `var-${variable}=${value}`);
  return `${grafanaUrl}/d/${dashboardUid(name, owner, qualified.has(name))}?${query.join('&')}`;
}
