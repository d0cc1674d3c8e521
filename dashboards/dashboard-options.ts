/** What a dashboard is built for. Everything else about it is the same for every user. */
export interface DashboardOptions {
  /** Namespace the dashboard opens on; all namespaces when absent. */
  readonly namespace?: string;
  /** Pipeline the dashboard opens on; all pipelines when absent. */
  readonly pipelineId?: string;
  /** The services (`job` labels) whose health it shows; empty means all four of the platform. */
  readonly services: readonly string[];
  /** Uid or name of the Prometheus data source it opens on; Grafana's default one when absent. */
  readonly datasource?: string;
  /** Scrape intervals that differ from the catalogue's, by service, as Prometheus durations. */
  readonly scrapeIntervals?: Readonly<Record<string, string>>;
  /** Shows the cluster variable: for a Prometheus that holds more than one cluster. */
  readonly multiCluster?: boolean;
}
