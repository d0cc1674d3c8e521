import { type AlertName, alertNames } from '#catalogue/alerts.ts';
import { type ObjectiveAlertName, objectiveAlertNames } from '#catalogue/objectives.ts';
import { type OperatorAlertName, operatorAlertNames } from '#catalogue/operator-alerts.ts';
import type { Heal } from '../faults/heal.ts';
import type { StackUnderTest } from '../observe/stack-under-test.ts';

export type AnyAlertName = AlertName | ObjectiveAlertName | OperatorAlertName;
export const everyAlertName: readonly AnyAlertName[] = [...alertNames, ...objectiveAlertNames, ...operatorAlertNames];

/** One real fault, and the alerts that it must or may cause. */
export interface Drill {
  /** Name for `make gameday ONLY=…`. */
  readonly name: string;
  /** Describes the fault in the printed table. */
  readonly fault: string;
  /** Alerts that must fire, and must end after the fault is healed. No other drill provokes them. */
  readonly provokes: readonly [AnyAlertName, ...AnyAlertName[]];
  /** Alerts that may fire as a consequence of the fault: they are no false alarms, but the drill does not require them. */
  readonly follows?: readonly AnyAlertName[];
  /** The next drill starts meanwhile: this fault disturbs no other drill, and its alerts take many minutes to fire. */
  readonly alongside?: true;
  /** Objectives that are added when the drill begins: a fault of a minute would not burn the budget of one that already counts for hours. */
  readonly objectives?: (day: GameDay) => readonly object[];
  /** Causes the fault, and returns how to take it back. */
  inject(day: GameDay): Promise<Injected>;
}

export interface GameDay {
  readonly stack: StackUnderTest;
  /** Part of every name that this game day creates: a deleted pipeline keeps its id for ever, so names must be new each time. */
  readonly id: string;
}

export interface Injected {
  readonly heal: Heal;
  /** Removes what must exist until the alerts have ended. Called after that. */
  readonly tidy?: () => Promise<void>;
}
