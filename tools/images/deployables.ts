import { CONTROLLER, type ProcessName, services } from '#catalogue/services.ts';

export interface Deployable {
  /** Target of the Dockerfile, folder of the bundle, last part of the image's name. */
  readonly name: ProcessName;
  readonly description: string;
}

/** What runs in a cluster, each as an image of its own. */
export const deployables: readonly Deployable[] = [
  ...Object.entries(services).map(([name, { description }]) => ({ name: name as ProcessName, description })),
  { name: CONTROLLER, description: 'Turns TradingPipelines into ServiceMonitors, PrometheusRules and dashboards' },
];
