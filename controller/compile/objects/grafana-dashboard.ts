/**
 * Builds the Grafana dashboards of a TradingPipeline: the uid, the ConfigMap that the Grafana sidecar loads, and the
 * link from an alert to a dashboard, with values for the dashboard's variables. Pure.
 */
import { createHash } from 'node:crypto';
import { type DashboardName, dashboards } from '#catalogue/dashboards.ts';
import { buildDashboard, listVariables } from '#dashboards/index.ts';
import type { VariableName } from '#dashboards/variables.ts';
import { type KubeObject, resources } from '../../api/kube-object.ts';
import { annotations, labels } from '../../api/names.ts';
import type { DashboardsSpec, ServiceSpec } from '../../api/trading-pipeline.ts';
import { buildObjectMeta, type Owner, sortKeys } from './generated-object.ts';
import { scrapeInterval } from './service-monitor.ts';

const GRAFANA_UID_LENGTH = 40;

/** What the links to the dashboards of a TradingPipeline depend on. */
export interface DashboardAddress {
  readonly owner: Owner;
  /** URL at which users open Grafana, without a slash at its end. If absent, links contain only a path. */
  readonly grafanaUrl?: string;
  /** Pipeline id that links to a dashboard preset in the URL. If absent, they preset the TradingPipeline's namespace. */
  readonly pipelineId?: string;
  /** Names of the dashboards whose uid ends with a hash of the TradingPipeline's namespace and name. */
  readonly qualified: ReadonlySet<DashboardName>;
}

/**
 * Returns the uid of a TradingPipeline's dashboard in Grafana. A qualified uid ends with a hash of the namespace and
 * name.
 */
function dashboardUid(name: DashboardName, owner: Owner, qualified: boolean): string {
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
 * Returns the link to a dashboard. The link may contain templates of Prometheus. Variables that the dashboard lacks are
 * left out. Without `grafanaUrl` the link is only a path, and a chat or page that shows the link can put Grafana's URL
 * before it.
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

/** What a dashboard is built for: a TradingPipeline, its services and its declared pipeline. */
interface DashboardSubject {
  readonly owner: Owner;
  readonly services: readonly ServiceSpec[];
  /**
   * Id of the pipeline that is selected when the dashboard opens; all pipelines if absent. If the id is set and the
   * TradingPipeline lists no services, all namespaces are selected; otherwise only the TradingPipeline's own.
   */
  readonly pipelineId?: string;
  readonly isQualified: boolean;
}

/**
 * Builds a ConfigMap that the Grafana sidecar loads as a dashboard. If `isQualified`, the uid and the title of the
 * dashboard identify the TradingPipeline. Grafana stops writing all provisioned dashboards if two of them share a uid
 * or title, so only the first TradingPipeline with a dashboard gets the plain uid and title.
 */
export function buildDashboardConfigMap(
  name: DashboardName,
  dashboards: DashboardsSpec,
  { owner, services, pipelineId, isQualified }: DashboardSubject,
): KubeObject {
  const { apiVersion, kind } = resources.configMap;
  const meta = buildObjectMeta(owner, `dashboard-${name}`, {
    [labels.grafanaDashboard]: '1',
    ...sortKeys(dashboards.labels ?? {}),
  });
  const dashboard = buildDashboard(name, {
    ...((pipelineId === undefined || services.length > 0) && { namespace: owner.namespace }),
    ...(pipelineId !== undefined && { pipelineId }),
    services: services.map((service) => service.name),
    scrapeIntervals: Object.fromEntries(services.map((service) => [service.name, scrapeInterval(service)])),
    ...(dashboards.datasource && { datasource: dashboards.datasource }),
  });
  // Grafana hides its editor for a dashboard that is not editable, also from users whose edits the controller keeps
  const offered = dashboards.policy === 'seed' ? { ...dashboard, editable: true } : dashboard;
  const json = JSON.stringify(isQualified ? qualify(name, offered, owner) : offered, null, 1);
  return {
    apiVersion,
    kind,
    metadata: {
      ...meta,
      annotations: {
        [annotations.sidecarFolder]: dashboards.folder,
        [annotations.grafanaFolder]: dashboards.folder,
        ...(dashboards.policy === 'seed' && {
          [annotations.seeded]: createHash('sha256').update(json).digest('hex').slice(0, 16),
        }),
      },
    },
    // The key must be unique in the cluster, because the sidecar writes all keys into one folder. The key is unique,
    // because among its parts (namespace, name, dashboard) only the TradingPipeline's name may contain a dot.
    data: { [`${owner.namespace}.${owner.name}.${name}.json`]: `${json}\n` },
  };
}

function qualify(name: DashboardName, dashboard: object, owner: Owner): object {
  const { title } = dashboard as { title: string };
  return { ...dashboard, uid: dashboardUid(name, owner, true), title: `${title} (${owner.namespace}/${owner.name})` };
}
