import { type Credentials, readKubeSource } from './kube-source.ts';

/** Where the API server is and how to prove who we are, kept fresh: tokens rotate, exec plugins renew certificates. */
export interface KubeConnection {
  readonly server: URL;
  /** TLS material and headers for the next request. Cheap: read again at most once a minute. */
  credentials(): Promise<Credentials>;
  /** The next call of `credentials` reads everything again: after a 401. */
  forget(): void;
}

const CREDENTIALS_MAX_AGE_MS = 60_000;

/** From a kubeconfig file, or else from KUBECONFIG, ~/.kube/config or the pod's service account, in that order. */
export function readKubeConnection(kubeconfigFile?: string): KubeConnection {
  const source = readKubeSource(kubeconfigFile);
  let current: Promise<Credentials> | undefined;
  let readAt = 0;
  return {
    server: new URL(source.server),
    credentials() {
      if (!current || performance.now() - readAt > CREDENTIALS_MAX_AGE_MS) {
        readAt = performance.now();
        current = source.credentials();
        current.catch(() => {
          current = undefined;
        });
      }
      return current;
    },
    forget() {
      current = undefined;
    },
  };
}
