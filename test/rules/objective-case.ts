export interface Expectation {
  readonly at: string;
  readonly expr: string;
  /** The one number that it answers; nothing at all when absent. */
  readonly is?: number;
}

export interface ObjectiveCase {
  readonly what: string;
  /** Between samples; a minute when absent. */
  readonly every?: string;
  /** How often the rules run; every minute when absent. */
  readonly runs?: string;
  /** The series are what is recorded: of the rules, only those of long windows run, or only the alerts of short ones. */
  readonly recorded?: 'counts' | 'burn rates';
  readonly objectives: readonly object[];
  readonly series: Readonly<Record<string, string>>;
  readonly fires?: Readonly<Partial<Record<'ObjectiveBurnsFast' | 'ObjectiveBurnsSlowly', readonly string[]>>>;
  readonly silent?: Readonly<Partial<Record<'ObjectiveBurnsFast' | 'ObjectiveBurnsSlowly', readonly string[]>>>;
  readonly expect?: readonly Expectation[];
  /** Nothing happens in it: the case without traffic. */
  readonly idle?: true;
  /** The whole of the alert at its first firing. */
  readonly says?: { readonly labels: Readonly<Record<string, string>>; readonly description: string };
}
