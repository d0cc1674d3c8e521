interface Expectation {
  readonly at: string;
  readonly expr: string;
  /** The number that it answers. If absent, it must answer no series. */
  readonly is?: number;
}

export interface ObjectiveCase {
  readonly what: string;
  /** The interval between samples; 1m if absent. */
  readonly every?: string;
  /** How often the rules run; 1m if absent. */
  readonly runs?: string;
  /** The series are recorded ones. `counts`: only the rules of long windows run. `burn rates`: only the alerts of short windows run. */
  readonly recorded?: 'counts' | 'burn rates';
  readonly objectives: readonly object[];
  readonly series: Readonly<Record<string, string>>;
  readonly fires?: Readonly<Partial<Record<'ObjectiveBurnsFast' | 'ObjectiveBurnsSlowly', readonly string[]>>>;
  readonly silent?: Readonly<Partial<Record<'ObjectiveBurnsFast' | 'ObjectiveBurnsSlowly', readonly string[]>>>;
  readonly expect?: readonly Expectation[];
  /** A case without traffic. */
  readonly idle?: true;
  /** The alert at its first firing. */
  readonly says?: { readonly labels: Readonly<Record<string, string>>; readonly description: string };
}
