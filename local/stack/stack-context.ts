import { type DatabaseService, databaseServices } from '#platform/service-grants.ts';
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
export function addresses({ ports, postgresPassword, redisPassword, kafkaPassword }: Settings) {
  const http = (name: PortName) => `http://127.0.0.1:${ports[name]}`;
  return {
    api: http('API'),
    prometheus: http('PROMETHEUS'),
    alertmanager: http('ALERTMANAGER'),
    modelApi: `${http('MODEL_API')}/v1`,
    grafana: http('GRAFANA'),
    kubeApi: `https://127.0.0.1:${ports.KUBE_API}`,
    kafka: `127.0.0.1:${ports.KAFKA}`,
    kafkaPassword,
    redis: `redis://:${redisPassword}@127.0.0.1:${ports.REDIS}`,
    postgres: postgresUrl({ port: ports.POSTGRES, password: postgresPassword, database: DATABASE }),
  };
}

/** Returns the connection strings with which the services reach Postgres, each as a role of its own. */
export function serviceDatabaseUrls({ ports, servicePasswords }: Settings): Record<DatabaseService, string> {
  const urlOf = (service: DatabaseService) =>
    postgresUrl({ port: ports.POSTGRES, user: service, password: servicePasswords[service], database: DATABASE });
  return Object.fromEntries(databaseServices.map((service) => [service, urlOf(service)])) as ReturnType<
    typeof serviceDatabaseUrls
  >;
}
