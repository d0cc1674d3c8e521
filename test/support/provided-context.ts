/** The values that global setups provide to tests: `inject('apiServer')`. Only data, because tests run in other processes. */
interface ProvidedApiServer {
  readonly url: string;
  /** Paths of kubeconfig files: `admin` may do everything, `controller` what RBAC allows the controller. */
  readonly kubeconfigs: { readonly admin: string; readonly controller: string };
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** From setup-operator.ts: an API server with the CRDs of monitoring.coreos.com and our own. */
    apiServer: ProvidedApiServer;
    /** From setup-services.ts. `createDatabase(inject('postgresUrl'))` gives a test file a database of its own. */
    postgresUrl: string;
    redisUrl: string;
    kafkaBrokers: string;
  }
}
