import { createHash } from 'node:crypto';
import type { DashboardName } from '#catalogue/dashboards.ts';
import { buildDashboard } from '#dashboards/index.ts';
import type { KubeObject } from '../../api/kube-object.ts';
import { annotations, labels } from '../../api/names.ts';
import { resources } from '../../api/resources.ts';
import type { DashboardsSpec, ServiceSpec } from '../../api/trading-pipeline.ts';
import { dashboardUid } from '../alerts/dashboard-link.ts';
import { buildObjectMeta, type Owner, sortKeys } from './object-meta.ts';
import { scrapeInterval } from './service-monitor.ts';

/** The resource that a dashboard is built for. */
interface DashboardSubject {
  readonly owner: Owner;
  readonly services: readonly ServiceSpec[];
  /**
   * If set, the dashboard opens with this pipeline selected. If the resource lists no services, it also opens with all
   * namespaces selected.
   */
  readonly pipelineId?: string;
  readonly isQualified: boolean;
}

/**
 * Builds a ConfigMap that the Grafana sidecar loads as a dashboard. If `isQualified`, the uid and the title of the dashboard
 * name the resource. Grafana stops writing all provisioned dashboards if two share a uid or title, so only the first resource
 * with a dashboard gets the plain uid and title.
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
  const json = JSON.stringify(isQualified ? qualify(name, dashboard, owner) : dashboard, null, 1);
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
    // The key must be unique in the cluster, because the sidecar writes all keys into one folder. It is, because of its parts
    // only the resource's name may contain a dot.
    data: { [`${owner.namespace}.${owner.name}.${name}.json`]: `${json}\n` },
  };
}

function qualify(name: DashboardName, dashboard: object, owner: Owner): object {
  const { title } = dashboard as { title: string };
  return { ...dashboard, uid: dashboardUid(name, owner, true), title: `${title} (${owner.namespace}/${owner.name})` };
}
