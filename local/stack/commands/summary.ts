import { processNames } from '#catalogue/services.ts';
import { findExecutable } from '../../provision/run-command.ts';
import { metricsPort } from '../entries/platform-objects.ts';
import { isRunning, readProcess } from '../processes/process-table.ts';
import { addresses, type StackContext } from '../stack-context.ts';

/** Returns the summary after `make up`: the addresses of the platform, and the commands to try next. */
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
    ['Grafana', hasGrafana ? `${at.grafana}  (admin, ${settings.grafanaPassword})` : 'not available (see above)'],
    ['Kubernetes', `export KUBECONFIG=${paths.kubeconfig}; kubectl get tp -A${kubectlRemedy()}`],
    ['log of one process', 'make logs S=backend'],
    ['all processes', 'make status, make down'],
  ];
  return [`the platform is up after ${seconds} s`, ...rows.map(([name, text]) => `  ${name.padEnd(30)} ${text}`)].join(
    '\n',
  );
}

/** Returns a hint if kubectl is missing. The stack itself does not need kubectl. */
function kubectlRemedy(): string {
  return findExecutable('kubectl') ? '' : '   (kubectl is not installed: https://kubernetes.io/docs/tasks/tools/)';
}
