import { KubeConfig } from '@kubernetes/client-node';

/** The namespace of the current context, as kubectl would take it; nothing where there is none, or no kubeconfig. */
export function readCurrentNamespace(kubeconfigFile?: string): string | undefined {
  const config = new KubeConfig();
  try {
    if (kubeconfigFile) config.loadFromFile(kubeconfigFile);
    else config.loadFromDefault();
  } catch {
    return undefined;
  }
  return config.getContextObject(config.getCurrentContext())?.namespace;
}
