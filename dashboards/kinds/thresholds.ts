import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { type Colour, palette } from './palette.ts';

/** Colour from a value upwards; the first step has no lower bound. */
export interface Step {
  readonly from: number | null;
  readonly colour: Colour;
}

export function buildThresholds(steps: readonly Step[]): dashboard.ThresholdsConfigBuilder {
  return new dashboard.ThresholdsConfigBuilder()
    .mode(dashboard.ThresholdsMode.Absolute)
    .steps(steps.map(({ from, colour }) => ({ value: from, color: colour })));
}

/** A success rate: red below 80 %, yellow below 95 %, green from there. */
export const successSteps: readonly Step[] = [
  { from: null, colour: palette.bad },
  { from: 0.8, colour: palette.warning },
  { from: 0.95, colour: palette.good },
];

/** Failures: one is worth a look, ten are worth waking up for. */
export const failureSteps: readonly Step[] = [
  { from: null, colour: palette.good },
  { from: 0.5, colour: palette.warning },
  { from: 10, colour: palette.bad },
];

/** Below 0 is a loss. */
export const profitSteps: readonly Step[] = [
  { from: null, colour: palette.bad },
  { from: 0, colour: palette.good },
];

/** An error budget: spent, the last quarter, the rest. */
export const budgetSteps: readonly Step[] = [
  { from: null, colour: palette.bad },
  { from: 0, colour: palette.warning },
  { from: 0.25, colour: palette.good },
];

/** Good below a limit, a look at half of it, bad from there. */
export function limitSteps(limit: number): readonly Step[] {
  return [
    { from: null, colour: palette.good },
    { from: limit / 2, colour: palette.warning },
    { from: limit, colour: palette.bad },
  ];
}

/** Money that may be spent: less than half a cent is none. */
export const allowanceSteps: readonly Step[] = [
  { from: null, colour: palette.bad },
  { from: 0.005, colour: palette.amount },
];

export const amountSteps: readonly Step[] = [{ from: null, colour: palette.amount }];
