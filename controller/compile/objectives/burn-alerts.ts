/** The alerts of one objective: several windows, several burn rates, as in the Google SRE workbook, chapter 5. Pure. */

import { alertLabels } from '#catalogue/alerts.ts';
import {
  type BurnWindows,
  type ObjectiveAlertName,
  type ObjectiveSeries,
  objectiveAlertNames,
  objectiveAlerts,
  objectiveSeries,
} from '#catalogue/objectives.ts';
import { parseDurationSeconds } from '#timing/duration.ts';
import type { BurnAlertSpec } from '../../api/objective-schema.ts';
import type { AlertRule } from '../alert-rule.ts';
import { buildDashboardUrl, type DashboardAddress } from '../dashboard-link.ts';
import { type Matchers, series } from '../promql.ts';
import { serviceOf } from './count-events.ts';
import { exactly, type Objective } from './resolve-objective.ts';

/** What the alerts of a resource have in common. */
export interface BurnAlertSubject {
  readonly runbookBaseUrl: string;
  readonly dashboards: DashboardAddress;
  /** For routing. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Up to here windows are summed minute by minute; longer ones from counts of five minutes. */
const LONGEST_BY_MINUTE_SECONDS = 6 * 3_600;

/** What to sum over a window of that length to have its events. */
export function countsFor(window: string): { readonly events: ObjectiveSeries; readonly badEvents: ObjectiveSeries } {
  if (parseDurationSeconds(window) <= LONGEST_BY_MINUTE_SECONDS) return objectiveSeries;
  return { events: objectiveSeries.events5m, badEvents: objectiveSeries.badEvents5m };
}

/**
 * The sum of recorded counts over a window. A second short of it: the samples are whole minutes apart, and Prometheus 2 would
 * take the one at the far end, too.
 */
export function sumOver(counts: string, window: string): string {
  return `sum_over_time(${counts}[${aSecondLess(window)}])`;
}

function aSecondLess(window: string): string {
  let left = parseDurationSeconds(window) - 1;
  return Object.entries({ d: 86_400, h: 3_600, m: 60, s: 1 }).reduce((text, [unit, seconds]) => {
    const whole = Math.floor(left / seconds);
    left -= whole * seconds;
    return whole > 0 ? `${text}${whole}${unit}` : text;
  }, '');
}

export function buildBurnAlerts(
  objective: Objective,
  identity: Readonly<Record<string, string>>,
  subject: BurnAlertSubject,
): AlertRule[] {
  const { page, ticket } = objective.alerting;
  const chosen: Readonly<Record<ObjectiveAlertName, BurnAlertSpec>> = {
    ObjectiveBurnsFast: page,
    ObjectiveBurnsSlowly: ticket,
  };
  return objectiveAlertNames
    .filter((name) => chosen[name].enabled)
    .map((name) => buildBurnAlert(name, chosen[name], objective, identity, subject));
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
    // One alert an objective, whichever pair of windows finds it.
    expr: `max without (window) (\n${pairs.join('\nor\n')}\n)`,
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
