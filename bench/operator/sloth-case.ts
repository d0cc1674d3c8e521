/** Sloth, another operator that does the same work: it turns two objectives into rules and reports the result in the resource's status. */
import { type KubeObject, type Resource, resources } from '#controller/api/kube-object.ts';
import { type CountedEvents, countedEvents, namespaceOf, type OperatorCase } from './operator-case.ts';

const serviceLevel: Resource = {
  apiVersion: 'sloth.slok.dev/v1',
  kind: 'PrometheusServiceLevel',
  plural: 'prometheusservicelevels',
  namespaced: true,
};

interface ServiceLevelStatus {
  readonly observedGeneration?: number;
  readonly promOpRulesGenerated?: boolean;
}

/**
 * Builds the case of Sloth, which runs with the kubeconfig of the admin.
 * @param program path of Sloth's binary
 * @param crd path of sloth.slok.dev_prometheusservicelevels.yaml of the binary's version
 */
export function buildSlothCase(program: string, crd: string): OperatorCase {
  return {
    name: 'sloth',
    resource: serviceLevel,
    manifests: [crd],
    surroundings: [],
    beside: () => [],
    build: (index) => ({
      apiVersion: serviceLevel.apiVersion,
      kind: serviceLevel.kind,
      metadata: { namespace: namespaceOf(index), name: `tp-${index}` },
      spec: { service: `bench-${index}`, slos: countedEvents(index).map(buildSlo) },
    }),
    isDone: ({ metadata, status }: KubeObject) => {
      const { observedGeneration, promOpRulesGenerated } = (status ?? {}) as ServiceLevelStatus;
      return promOpRulesGenerated === true && observedGeneration === metadata.generation;
    },
    objects: [[resources.prometheusRule, 1]],
    label: 'app.kubernetes.io/managed-by=sloth',
    command: ({ admin }, environment = {}) => ({
      program,
      args: [
        ...['kubernetes-controller', '--kube-local', '--kube-config', admin],
        ...['--metrics-listen-addr', '127.0.0.1:0', '--hot-reload-addr', '127.0.0.1:0'],
      ],
      environment,
    }),
  };
}

function buildSlo({ name, target, bad, total }: CountedEvents): object {
  const rate = (selector: string) => `sum(rate(${selector}[{{.window}}]))`;
  return {
    name,
    objective: target,
    sli: { events: { errorQuery: rate(bad), totalQuery: rate(total) } },
    alerting: {
      name: `${name}-burns`,
      pageAlert: { labels: { severity: 'critical' } },
      ticketAlert: { labels: { severity: 'warning' } },
    },
  };
}
