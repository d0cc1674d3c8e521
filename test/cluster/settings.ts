/** What `make e2e` is told by its environment. */
export interface ClusterSettings {
  /** Command of a shell that gives image archives to the cluster. */
  readonly imageLoad: string;
  /** Archives beside those of `make images`: images of others, where the cluster cannot pull them. */
  readonly imageArchives: readonly string[];
  /** Folder of kube-prometheus-stack with its dependencies; without it, the tests install its servers beside the chart. */
  readonly stackChart?: string;
  /** Values for that stack: what this cluster cannot have of it. */
  readonly stackValues?: string;
}

/** @throws Error that names what is missing */
export function readClusterSettings(environment: NodeJS.ProcessEnv = process.env): ClusterSettings {
  const { KUBECONFIG, IMAGE_LOAD, IMAGE_ARCHIVES = '', KPS_CHART, KPS_VALUES } = environment;
  if (!KUBECONFIG || !IMAGE_LOAD) {
    throw new Error(
      'make e2e needs KUBECONFIG=file, a cluster to test on, and IMAGE_LOAD="command that loads archives into it", such as "kind load image-archive"',
    );
  }
  return {
    imageLoad: IMAGE_LOAD,
    imageArchives: IMAGE_ARCHIVES.split(/\s+/).filter((file) => file !== ''),
    stackChart: KPS_CHART || undefined,
    stackValues: KPS_VALUES || undefined,
  };
}
