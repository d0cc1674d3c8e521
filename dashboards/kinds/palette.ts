/** One colour means one thing on every dashboard. */
export const palette = {
  good: 'green',
  warning: 'yellow',
  bad: 'red',
  /** Neither good nor bad: amounts, and what is on its way. */
  amount: 'blue',
  /** Put aside on purpose: skipped, paused, delayed. */
  aside: 'orange',
  /** Offered, before anything is decided: matched, published, waiting. */
  offered: 'purple',
  /** Quantiles, the darker the rarer. */
  median: 'light-blue',
  tail: 'blue',
  extreme: 'dark-blue',
  /** Objectives and limits: a dashed line. */
  limit: 'red',
  none: 'transparent',
} as const;
export type Colour = (typeof palette)[keyof typeof palette];
