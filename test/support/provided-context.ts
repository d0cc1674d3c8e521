/**
 * The values that global setups provide to tests, for example `inject('apiServer')`. They can only be data, because tests run in other
 * processes.
 */
interface ProvidedApiServer {
  readonly url: string;
  /** Paths of kubeconfig files. `admin` has every permission; `controller` has the permissions of the controller's RBAC role. */
  readonly kubeconfigs: { readonly admin: string; readonly controller: string };
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** An API server with our CRDs and those of monitoring.coreos.com. setup-operator.ts starts it. */
    apiServer: ProvidedApiServer;
    /** Servers that setup-services.ts starts. `createDatabase(inject('postgresUrl'))` creates a database for one test file. */
    postgresUrl: string;
    redisUrl: string;
    kafkaBrokers: string;
  }
}
