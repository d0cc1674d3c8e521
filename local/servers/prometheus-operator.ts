import { httpAnswers } from './probes.ts';
import type { Server } from './server.ts';

export interface PrometheusOperatorOptions {
  readonly program: string;
  readonly kubeconfig: string;
  readonly port: number;
}

export function buildPrometheusOperator({ program, kubeconfig, port }: PrometheusOperatorOptions): Server {
  return {
    name: 'prometheus-operator',
    command: program,
    args: [`--web.listen-address=127.0.0.1:${port}`, '--log-level=info'],
    environment: { KUBECONFIG: kubeconfig },
    ready: () => httpAnswers(`http://127.0.0.1:${port}/healthz`),
  };
}
