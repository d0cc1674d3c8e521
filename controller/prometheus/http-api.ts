/**
 * A scrape target. Like all types in this file, it contains the fields that the operator and the CLI read from
 * responses of Prometheus' HTTP API.
 */
export interface Target {
  readonly scrapePool: string;
  readonly scrapeUrl: string;
  readonly health: 'up' | 'down' | 'unknown';
  readonly lastError: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Targets {
  readonly activeTargets: readonly Target[];
  /** Number of targets that were discovered and then dropped by relabelling, keyed by scrape pool. */
  readonly droppedTargetCounts?: Readonly<Record<string, number>>;
}

export interface LoadedRule {
  readonly name: string;
  readonly query: string;
  readonly health: 'ok' | 'err' | 'unknown';
  readonly lastError?: string;
  readonly type: 'alerting' | 'recording';
  /** Set only for an alerting rule. */
  readonly state?: 'inactive' | 'pending' | 'firing';
}

export interface LoadedGroup {
  readonly name: string;
  readonly file: string;
  readonly rules: readonly LoadedRule[];
}

export interface NamedCount {
  readonly name: string;
  readonly value: number;
}

export interface TsdbStatus {
  readonly headStats: { readonly numSeries: number };
  readonly seriesCountByMetricName: readonly NamedCount[];
  readonly labelValueCountByLabelName: readonly NamedCount[];
}

/** A time series in the response to a range query. Each value is [Unix seconds, value as a string]. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [number, string])[];
}

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** A period, from `start` to `end` in Unix seconds. */
export interface SeriesPeriod {
  readonly start: number;
  readonly end: number;
}

export interface QueryRange extends SeriesPeriod {
  readonly query: string;
  /** Time between two values of a series, in seconds. */
  readonly step: number;
}
