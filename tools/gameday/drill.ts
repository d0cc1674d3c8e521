import { type AlertName, alertNames } from '#catalogue/alerts.ts';
import { type ObjectiveAlertName, objectiveAlertNames } from '#catalogue/objectives.ts';
import { type OperatorAlertName, operatorAlertNames } from '#catalogue/operator-alerts.ts';
import type { Heal } from '../faults/heal.ts';
import type { StackUnderTest } from '../observe/stack-under-test.ts';

export type AnyAlertName = AlertName | ObjectiveAlertName | OperatorAlertName;
export const everyAlertName: readonly AnyAlertName[] = [...alertNames, ...objectiveAlertNames, ...operatorAlertNames];

/** One real fault, the alerts that the fault must set off, and the alerts that it may set off. */
export interface Drill {
  /** The name of the drill in `make gameday ONLY=…`. */
  readonly name: string;
  /** Description of the fault in the table of results. */
  readonly fault: string;
  /** Each of these alerts must fire, and end after the fault is healed. No other drill provokes them. */
  readonly provokes: readonly [AnyAlertName, ...AnyAlertName[]];
  /** Alerts that the fault may also set off while it lasts or drains. They are not false alarms. */
  readonly follows?: readonly AnyAlertName[];
  /**
   * If set, the next drill begins while this one runs. This is for a fault that does not affect other drills, and whose
   * alerts take minutes to fire.
   */
  readonly alongside?: true;
  /**
   * Objectives that count events from the beginning of the drill. In an objective with hours of good events, a fault of one
   * minute would not show.
   */
  readonly objectives?: (day: GameDay) => readonly object[];
  /** Causes the fault, and returns how to heal the fault. */
  inject(day: GameDay): Promise<Injected>;
}

export interface GameDay {
  readonly stack: StackUnderTest;
  /** Part of every name that the game day creates, because the name of a deleted pipeline can never be used again. */
  readonly id: string;
}

export interface Injected {
  readonly heal: Heal;
  /** Runs when the alerts of the drill have ended, and removes objects that the alerts needed until then. */
  readonly tidy?: () => Promise<void>;
}
