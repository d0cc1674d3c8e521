interface Expectation {
  readonly at: string;
  readonly expr: string;
  /** The value that the expression must return. If absent, the expression must return no series. */
  readonly is?: number;
}

export interface ObjectiveCase {
  readonly what: string;
  /** Interval between the samples of the series; 1m if absent. */
  readonly every?: string;
  /** Interval at which the rules are evaluated; 1m if absent. */
  readonly runs?: string;
  /**
   * Set if the series are already recorded: with `counts`, only the rules of long windows run; with `burn rates`, only the alerts of short
   * windows.
   */
  readonly recorded?: 'counts' | 'burn rates';
  readonly objectives: readonly object[];
  readonly series: Readonly<Record<string, string>>;
  readonly fires?: Readonly<Partial<Record<'ObjectiveBurnsFast' | 'ObjectiveBurnsSlowly', readonly string[]>>>;
  readonly silent?: Readonly<Partial<Record<'ObjectiveBurnsFast' | 'ObjectiveBurnsSlowly', readonly string[]>>>;
  readonly expect?: readonly Expectation[];
  /** Set if the case has no traffic. */
  readonly idle?: true;
  /** Labels and description of the alert when it first fires. */
  readonly says?: { readonly labels: Readonly<Record<string, string>>; readonly description: string };
}
