import { CONTROLLER, CONTROLLER_SCRAPE_INTERVAL, METRICS_PORT_NAME } from '#catalogue/services.ts';
import type { KubeObject } from '../../api/kube-object.ts';
import { labels, PART_OF } from '../../api/names.ts';
import { resources } from '../../api/resources.ts';
import { buildOperatorAlerts, type OperatorAlertSubject } from '../alerts/operator-alerts.ts';
import { buildScrape } from './service-monitor.ts';

/**
 * What watches the operator itself: a ServiceMonitor for the Service `controller` and a PrometheusRule. They are installed
 * with it, owned by nobody and managed by no controller: they outlive it. Pure.
 */
export function buildOperatorMonitoring(subject: OperatorAlertSubject): KubeObject[] {
  const own = { [labels.serviceName]: CONTROLLER, [labels.partOf]: PART_OF };
  const metadata = { name: CONTROLLER, namespace: subject.namespace, labels: own };
  const { serviceMonitor, prometheusRule } = resources;
  const scrape = { name: CONTROLLER, port: METRICS_PORT_NAME, path: '/metrics', interval: CONTROLLER_SCRAPE_INTERVAL };
  return [
    {
      apiVersion: serviceMonitor.apiVersion,
      kind: serviceMonitor.kind,
      metadata,
      spec: { selector: { matchLabels: { [labels.serviceName]: CONTROLLER } }, endpoints: [buildScrape(scrape)] },
    },
    {
      apiVersion: prometheusRule.apiVersion,
      kind: prometheusRule.kind,
      metadata,
      spec: { groups: [{ name: `${subject.namespace}.${CONTROLLER}`, rules: buildOperatorAlerts(subject) }] },
    },
  ];
}
