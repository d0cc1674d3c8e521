/** The options of a dashboard. Everything else is the same for every user. */
export interface DashboardOptions {
  /** Namespace that is selected when the dashboard opens; all namespaces if absent. */
  readonly namespace?: string;
  /** Pipeline that is selected when the dashboard opens; all pipelines if absent. */
  readonly pipelineId?: string;
  /** Services (values of the label `job`) whose health the dashboard shows; empty means the four services of the platform. */
  readonly services: readonly string[];
  /** Uid or name of the Prometheus data source that is selected when the dashboard opens; Grafana's default if absent. */
  readonly datasource?: string;
  /** Scrape intervals that differ from those of the catalogue: Prometheus durations, keyed by service. */
  readonly scrapeIntervals?: Readonly<Record<string, string>>;
  /**
   * If true, shows the variable `cluster`, for a Prometheus that watches more than one cluster. If absent, hides the
   * variable.
   */
  readonly multiCluster?: boolean;
}
