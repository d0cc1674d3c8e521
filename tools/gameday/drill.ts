import { type AlertName, alertNames } from '#catalogue/alerts.ts';
import { type ObjectiveAlertName, objectiveAlertNames } from '#catalogue/objectives.ts';
import { type OperatorAlertName, operatorAlertNames } from '#catalogue/operator-alerts.ts';
import type { Heal } from '../faults/heal.ts';
import type { StackUnderTest } from '../observe/stack-under-test.ts';

export type AnyAlertName = AlertName | ObjectiveAlertName | OperatorAlertName;
export const everyAlertName: readonly AnyAlertName[] = [...alertNames, ...objectiveAlertNames, ...operatorAlertNames];

/** One true fault, and what it must and may set off. */
export interface Drill {
  /** As `make gameday ONLY=…` names it. */
  readonly name: string;
  /** What is done, for the reader of the table. */
  readonly fault: string;
  /** Each of these must fire, and end after the fault is healed. No other drill provokes them. */
  readonly provokes: readonly [AnyAlertName, ...AnyAlertName[]];
  /** What is just as true while the fault lasts or drains: no false alarm, and not what the drill is about. */
  readonly follows?: readonly AnyAlertName[];
  /** Its fault concerns nobody else, and its alerts take minutes to come: the next drill begins meanwhile. */
  readonly alongside?: true;
  /** Objectives that count from the drill's beginning on: a fault of a minute is nothing to one that has hours behind it. */
  readonly objectives?: (day: GameDay) => readonly object[];
  /** Does it, and says how it is taken back. */
  inject(day: GameDay): Promise<Injected>;
}

export interface GameDay {
  readonly stack: StackUnderTest;
  /** Part of every name that the day makes: a pipeline that was deleted keeps its own for ever. */
  readonly id: string;
}

export interface Injected {
  readonly heal: Heal;
  /** When its alerts are over: takes away what must stay as long as they are there. */
  readonly tidy?: () => Promise<void>;
}
