import { isServiceName, services } from '#catalogue/services.ts';
import { type KubeObject, resources } from '../../api/kube-object.ts';
import { labels } from '../../api/names.ts';
import { DEFAULT_INTERVAL, type ServiceSpec } from '../../api/trading-pipeline.ts';
import { buildObjectMeta, type Owner, sortKeys } from './generated-object.ts';

/** Returns the labels that the Kubernetes Service of `service` must have. */
export function serviceSelector(service: ServiceSpec): Readonly<Record<string, string>> {
  return service.selector ? sortKeys(service.selector.matchLabels) : { [labels.serviceName]: service.name };
}

export function scrapeInterval(service: ServiceSpec): string {
  return service.interval ?? (isServiceName(service.name) ? services[service.name].scrapeInterval : DEFAULT_INTERVAL);
}

export function buildServiceMonitor(owner: Owner, service: ServiceSpec): KubeObject {
  const { apiVersion, kind } = resources.serviceMonitor;
  return {
    apiVersion,
    kind,
    metadata: buildObjectMeta(owner, service.name),
    spec: {
      selector: { matchLabels: serviceSelector(service) },
      endpoints: [buildScrape({ ...service, interval: scrapeInterval(service) })],
    },
  };
}

interface Scrape {
  readonly name: string;
  readonly port: string;
  readonly path: string;
  /** Scrape interval, as a Prometheus duration. */
  readonly interval: string;
}

/**
 * Builds one endpoint of a ServiceMonitor. Sets the labels `job` and `service` to `name`; by default prometheus-operator would
 * set them to the name of the Service object.
 */
export function buildScrape({ name, port, path, interval }: Scrape): object {
  const relabel = (targetLabel: string) => ({ action: 'replace', targetLabel, replacement: name });
  return { port, path, interval, relabelings: [relabel('job'), relabel('service')] };
}
