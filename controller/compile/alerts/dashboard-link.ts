/**
 * The link from an alert to its dashboard in Grafana, with the dashboard's variables set. Pure. If Grafana's address is unknown, the
 * link is only a path, and a chat or page that shows it can put the address before it.
 */
import { createHash } from 'node:crypto';
import { type DashboardName, dashboards } from '#catalogue/dashboards.ts';
import { listVariables } from '#dashboards/index.ts';
import type { VariableName } from '#dashboards/variables.ts';
import type { Owner } from '../objects/object-meta.ts';

const GRAFANA_UID_LENGTH = 40;

/** Where the dashboards of a resource are, and on what they open. */
export interface DashboardAddress {
  readonly owner: Owner;
  /** The address that users open, without a slash at its end. */
  readonly grafanaUrl?: string;
  /** If set, dashboards open on this pipeline, and in every namespace. */
  readonly pipelineId?: string;
  /** Dashboards with a uid of their own, because another resource has the plain one. */
  readonly qualified: ReadonlySet<DashboardName>;
}

/** The uid of a resource's dashboard in Grafana. A qualified uid ends with a hash of the resource. */
export function dashboardUid(name: DashboardName, owner: Owner, qualified: boolean): string {
  const { uid } = dashboards[name];
  if (!qualified) return uid;
  const hash = createHash('sha256').update(`${owner.namespace}/${owner.name}`).digest('hex').slice(0, 8);
  return `${uid.slice(0, GRAFANA_UID_LENGTH - 9)}-${hash}`;
}

/** A template that Prometheus replaces with the label's value, escaped for a URL. */
export function labelInUrl(label: string): string {
  return `{{ $labels.${label} | urlquery }}`;
}

/**
 * The link. It may hold templates of Prometheus. Variables that the dashboard lacks are left out.
 * @param chosen values of variables, each safe in a URL; all other variables keep the dashboard's default
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
