import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';

/** Colours, keyed by meaning: one colour means the same on every dashboard. */
export const palette = {
  good: 'green',
  warning: 'yellow',
  bad: 'red',
  /** For what is neither good nor bad: amounts, and work in progress. */
  amount: 'blue',
  /** For what is deliberately not processed: skipped, paused, delayed. */
  aside: 'orange',
  /** For what is not decided yet: matched, published, waiting. */
  offered: 'purple',
  /** For quantiles: the higher the quantile, the darker the colour. */
  median: 'light-blue',
  tail: 'blue',
  extreme: 'dark-blue',
  /** For the dashed line of an objective or a limit. */
  limit: 'red',
  none: 'transparent',
} as const;
export type Colour = (typeof palette)[keyof typeof palette];

/** A colour for values from `from` on. `from` is null in the first step, which has no lower bound. */
export interface Step {
  readonly from: number | null;
  readonly colour: Colour;
}

export function buildThresholds(steps: readonly Step[]): dashboard.ThresholdsConfigBuilder {
  return new dashboard.ThresholdsConfigBuilder()
    .mode(dashboard.ThresholdsMode.Absolute)
    .steps(steps.map(({ from, colour }) => ({ value: from, color: colour })));
}

/** A success rate: red below 80 %, yellow below 95 %, green from 95 %. */
export const successSteps: readonly Step[] = [
  { from: null, colour: palette.bad },
  { from: 0.8, colour: palette.warning },
  { from: 0.95, colour: palette.good },
];

/** A number of failures: yellow from the first, red from ten. */
export const failureSteps: readonly Step[] = [
  { from: null, colour: palette.good },
  { from: 0.5, colour: palette.warning },
  { from: 10, colour: palette.bad },
];

/** Profit: red below 0. */
export const profitSteps: readonly Step[] = [
  { from: null, colour: palette.bad },
  { from: 0, colour: palette.good },
];

/** Share of an error budget that is left: red if it is spent, yellow in its last quarter. */
export const budgetSteps: readonly Step[] = [
  { from: null, colour: palette.bad },
  { from: 0, colour: palette.warning },
  { from: 0.25, colour: palette.good },
];

/** A value with a limit: yellow from half of the limit, red from the limit. */
export function limitSteps(limit: number): readonly Step[] {
  return [
    { from: null, colour: palette.good },
    { from: limit / 2, colour: palette.warning },
    { from: limit, colour: palette.bad },
  ];
}

/** USD that may still be spent: red below half a cent, which is shown as 0.00. */
export const allowanceSteps: readonly Step[] = [
  { from: null, colour: palette.bad },
  { from: 0.005, colour: palette.amount },
];

/** An amount that is neither good nor bad: always blue. */
export const amountSteps: readonly Step[] = [{ from: null, colour: palette.amount }];
