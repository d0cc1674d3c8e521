/**
 * Where an alert leads in Grafana: the dashboard that answers its question, with its variables set. Pure. Without an address
 * of Grafana the link is a path, for the reader (a chat, a page) to put its own address before.
 */
import { createHash } from 'node:crypto';
import { type DashboardName, dashboards } from '#catalogue/dashboards.ts';
import { listVariables } from '#dashboards/index.ts';
import type { VariableName } from '#dashboards/variables.ts';
import type { Owner } from '../objects/object-meta.ts';

const GRAFANA_UID_LENGTH = 40;

/** What is known of the dashboards of a resource. */
export interface DashboardAddress {
  readonly owner: Owner;
  /** As users reach it, without a slash at its end; none when it is not known. */
  readonly grafanaUrl?: string;
  /** They open on this pipeline, in whatever namespace the platform runs. */
  readonly pipelineId?: string;
  /** Dashboards that have a uid of their own, as another resource has the plain one. */
  readonly qualified: ReadonlySet<DashboardName>;
}

/** The uid a resource's dashboard has in Grafana. */
export function dashboardUid(name: DashboardName, owner: Owner, qualified: boolean): string {
  const { uid } = dashboards[name];
  if (!qualified) return uid;
  const hash = createHash('sha256').update(`${owner.namespace}/${owner.name}`).digest('hex').slice(0, 8);
  return `${uid.slice(0, GRAFANA_UID_LENGTH - 9)}-${hash}`;
}

/** The value of a label of the alert, as Prometheus fills it in, safe in a URL. */
export function labelInUrl(label: string): string {
  return `{{ $labels.${label} | urlquery }}`;
}

/**
 * The link, which may hold templates of Prometheus. A variable that the dashboard lacks is left out.
 * @param chosen what the variables are to be, each safe in a URL; those not named stay as the dashboard opens
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
