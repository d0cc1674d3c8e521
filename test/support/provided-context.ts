/** What the global setups hand to the tests: `inject('apiServer')`. Data only, as it crosses to the test's own process. */
export interface ProvidedApiServer {
  readonly url: string;
  /** Paths of kubeconfig files: `admin` may do all, `controller` what RBAC gives the controller. */
  readonly kubeconfigs: { readonly admin: string; readonly controller: string };
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** From setup-operator.ts: an API server that has the CRDs of monitoring.coreos.com and our own. */
    apiServer: ProvidedApiServer;
    /** From setup-services.ts. `createDatabase(inject('postgresUrl'))` gives a test file a database of its own. */
    postgresUrl: string;
    redisUrl: string;
    kafkaBrokers: string;
  }
}
