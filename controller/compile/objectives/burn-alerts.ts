/** The alerts of one objective: several windows, several burn rates, as in the Google SRE workbook, chapter 5. Pure. */

import { alertLabels } from '#catalogue/alerts.ts';
import {
  type BurnWindows,
  type ObjectiveAlertName,
  objectiveAlertNames,
  objectiveAlerts,
  objectiveSeries,
} from '#catalogue/objectives.ts';
import type { BurnAlertSpec } from '../../api/objective-schema.ts';
import type { AlertRule } from '../alerts/alert-rule.ts';
import { buildDashboardUrl, type DashboardAddress } from '../alerts/dashboard-link.ts';
import { type Matchers, series } from '../promql/promql.ts';
import { serviceOf } from './count-events.ts';
import { exactly, type Objective } from './resolve-objective.ts';
import { countsFor, isLong, sumOver } from './window-rules.ts';

/** What the alerts of a resource have in common. */
export interface BurnAlertSubject {
  readonly runbookBaseUrl: string;
  readonly dashboards: DashboardAddress;
  /** For routing. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface BurnAlert {
  readonly rule: AlertRule;
  /** It is about windows whose counts change seldom. */
  readonly isLong: boolean;
}

export function buildBurnAlerts(
  objective: Objective,
  identity: Readonly<Record<string, string>>,
  subject: BurnAlertSubject,
): BurnAlert[] {
  const { page, ticket } = objective.alerting;
  const chosen: Readonly<Record<ObjectiveAlertName, BurnAlertSpec>> = {
    ObjectiveBurnsFast: page,
    ObjectiveBurnsSlowly: ticket,
  };
  return objectiveAlertNames
    .filter((name) => chosen[name].enabled)
    .map((name) => ({
      rule: buildBurnAlert(name, chosen[name], objective, identity, subject),
      isLong: objectiveAlerts[name].windows.some(({ long }) => isLong(long)),
    }));
}

function buildBurnAlert(
  name: ObjectiveAlertName,
  { severity }: BurnAlertSpec,
  objective: Objective,
  identity: Readonly<Record<string, string>>,
  subject: BurnAlertSubject,
): AlertRule {
  const service = serviceOf(objective.indicator);
  const pairs = objectiveAlerts[name].windows.map((windows) => burnsOver(windows, objective, identity));
  return {
    alert: name,
    // One alert an objective, whichever pair of windows finds it and wherever it is counted.
    expr: `max without (window, indicator) (\n${pairs.join('\nor\n')}\n)`,
    labels: {
      ...subject.labels,
      [alertLabels.severity]: severity,
      ...(service && { [alertLabels.service]: service }),
      ...identity,
    },
    annotations: {
      summary: `Objective ${objective.name} burns its error budget ${name === 'ObjectiveBurnsFast' ? 'fast' : 'too fast'}`,
      description: describe(objective, identity),
      runbook_url: `${subject.runbookBaseUrl}#${name.toLowerCase()}`,
      dashboard_url: buildDashboardUrl(objectiveAlerts[name].dashboard, {}, subject.dashboards),
    },
  };
}

function burnsOver({ long, short, factor }: BurnWindows, objective: Objective, identity: Matchers): string {
  const limit = reachableFactor(factor, objective.target);
  const burn = (window: string) => `${series(objectiveSeries.burnRate, { ...identity, window })} > ${limit}`;
  const events = sumOver(series(countsFor(long).events, identity), long);
  return [
    `(${burn(long)}`,
    `and ignoring (window) ${burn(short)}`,
    `and ignoring (window) ${events} >= ${objective.alerting.minEvents})`,
  ].join('\n');
}

/**
 * When everything fails, the budget burns 1 / (1 - target) times as fast as it may: for a target of 90 % that is 10, and an
 * alert at 14.4 could never fire. No factor asks for more than four fifths of the way to there.
 */
export function reachableFactor(factor: number, target: number): number {
  const most = 1 / (1 - target);
  return Number(Math.min(factor, 1 + (most - 1) * 0.8).toPrecision(4));
}

/** Values are names that the schema keeps to letters, digits and dashes: they cannot end a template's quotes. */
function describe({ target, window, name }: Objective, identity: Matchers): string {
  const left = series(objectiveSeries.budgetRemaining, identity);
  return (
    `The error budget of ${name} (${exactly(target * 100)}% over ${window}) burns {{ $value | printf "%.1f" }} times as fast as it may.` +
    `{{ with query \`${left}\` }} {{ . | first | value | humanizePercentage }} of it is left.{{ end }}`
  );
}
