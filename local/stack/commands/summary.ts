import { processNames } from '#catalogue/services.ts';
import { findExecutable } from '../../provision/run-command.ts';
import { metricsPort } from '../entries/platform-objects.ts';
import { isRunning, readProcess } from '../processes/process-table.ts';
import { addresses, type StackContext } from '../stack-context.ts';

/** What a person wants to know when the stack is up. */
export function describeStack({ paths, settings }: StackContext, seconds: string): string {
  const at = addresses(settings);
  const grafana = readProcess(paths.processes, 'grafana');
  const hasGrafana = grafana !== undefined && isRunning(grafana);
  const rows: [string, string][] = [
    ['API', `${at.api}/api/v1`],
    ['its documentation', `${at.api}/docs`],
    ...processNames.map((name): [string, string] => [
      `metrics of ${name}`,
      `http://127.0.0.1:${settings.ports[metricsPort[name]]}/metrics`,
    ]),
    ['model API (a fake)', at.modelApi],
    ['Prometheus', at.prometheus],
    ['Alertmanager', at.alertmanager],
    ['Grafana', hasGrafana ? `${at.grafana}  (admin, ${settings.grafanaPassword})` : 'not here (see above)'],
    ['Kubernetes', `export KUBECONFIG=${paths.kubeconfig}; kubectl get tp -A${kubectlRemedy()}`],
    ['one log', 'make logs S=backend'],
    ['all of it', 'make status, make down'],
  ];
  return [`the platform is up after ${seconds} s`, ...rows.map(([name, text]) => `  ${name.padEnd(30)} ${text}`)].join(
    '\n',
  );
}

/** Nothing here needs kubectl; who wants to look around does. */
function kubectlRemedy(): string {
  return findExecutable('kubectl') ? '' : '   (kubectl is not here: https://kubernetes.io/docs/tasks/tools/)';
}
