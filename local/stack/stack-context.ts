import type { ProvisionPart } from '../provision/provision.ts';
import { postgresUrl } from '../servers/postgres.ts';
import type { PortName } from './ports.ts';
import type { Settings, StatePaths } from './state.ts';

/** Settings, paths and parts that the entries of one stack use. */
export interface StackContext {
  readonly paths: StatePaths;
  readonly settings: Settings;
  readonly provision: ProvisionPart;
}

export const DATABASE = 'trading';

/** Returns the addresses under which the stack's processes reach each other. */
export function addresses({ ports, postgresPassword }: Settings) {
  const http = (name: PortName) => `http://127.0.0.1:${ports[name]}`;
  return {
    api: http('API'),
    prometheus: http('PROMETHEUS'),
    alertmanager: http('ALERTMANAGER'),
    modelApi: `${http('MODEL_API')}/v1`,
    grafana: http('GRAFANA'),
    kubeApi: `https://127.0.0.1:${ports.KUBE_API}`,
    kafka: `127.0.0.1:${ports.KAFKA}`,
    redis: `redis://127.0.0.1:${ports.REDIS}`,
    postgres: postgresUrl({ port: ports.POSTGRES, password: postgresPassword, database: DATABASE }),
  };
}
