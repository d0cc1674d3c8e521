/** The settings of `make e2e`, from environment variables. */
export interface ClusterSettings {
  /** IMAGE_LOAD: shell command that loads image archives into the cluster. */
  readonly imageLoad: string;
  /** IMAGE_ARCHIVES: archives of third-party images, for a cluster that cannot pull images. */
  readonly imageArchives: readonly string[];
  /**
   * KPS_CHART: folder of kube-prometheus-stack with its dependencies. If absent, the tests install Prometheus and Alertmanager without that
   * chart.
   */
  readonly stackChart?: string;
  /**
   * KPS_VALUES: file with values of kube-prometheus-stack that disable the parts of the stack that cannot run on this
   * cluster.
   */
  readonly stackValues?: string;
}

/** @throws Error if KUBECONFIG or IMAGE_LOAD is not set */
export function readClusterSettings(environment: NodeJS.ProcessEnv = process.env): ClusterSettings {
  const { KUBECONFIG, IMAGE_LOAD, IMAGE_ARCHIVES = '', KPS_CHART, KPS_VALUES } = environment;
  if (!KUBECONFIG || !IMAGE_LOAD) {
    throw new Error(
      'make e2e needs KUBECONFIG=file of a cluster to test on, and IMAGE_LOAD="command that loads image archives into it", such as "kind load image-archive"',
    );
  }
  return {
    imageLoad: IMAGE_LOAD,
    imageArchives: IMAGE_ARCHIVES.split(/\s+/).filter((file) => file !== ''),
    stackChart: KPS_CHART || undefined,
    stackValues: KPS_VALUES || undefined,
  };
}
