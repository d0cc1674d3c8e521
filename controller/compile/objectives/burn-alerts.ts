/**
 * Builds the alerts of one objective, with several windows and burn rates, as in chapter 5 of the Google SRE workbook. Pure.
 */
import { type Matchers, series } from '#base/promql/build-promql.ts';
import { alertLabels } from '#catalogue/alerts.ts';
import {
  type BurnWindows,
  type ObjectiveAlertName,
  objectiveAlertNames,
  objectiveAlerts,
  objectiveSeries,
} from '#catalogue/objectives.ts';
import type { BurnAlertSpec } from '../../api/objective-schema.ts';
import type { AlertRule } from '../objects/generated-object.ts';
import { buildDashboardUrl, type DashboardAddress } from '../objects/grafana-dashboard.ts';
import { exactly, type Objective, serviceOf } from './resolve-objective.ts';
import { countsFor, isLong, sumOver } from './window-rules.ts';

/** Inputs that all burn rate alerts of one resource have in common. */
export interface BurnAlertSubject {
  readonly runbookBaseUrl: string;
  readonly dashboards: DashboardAddress;
  /** Labels that are added to every alert, for routing. */
  readonly labels: Readonly<Record<string, string>>;
}

interface BurnAlert {
  readonly rule: AlertRule;
  /**
   * True if one of the alert's windows is longer than six hours. The counts of such windows change only every five
   * minutes.
   */
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
    // Drops the labels `window` and `indicator`, so that an objective has one alert, whichever pair of windows burns
    // too fast and whichever rule counted the events.
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
 * Returns the burn rate above which an alert fires: `factor`, but at most four fifths of the way from 1 to the highest
 * possible burn rate. The highest possible burn rate, when every event is bad, is 1 / (1 - target). For a target of
 * 90 % it is 10, so an alert at 14.4 could never fire.
 */
export function reachableFactor(factor: number, target: number): number {
  const most = 1 / (1 - target);
  return Number(Math.min(factor, 1 + (most - 1) * 0.8).toPrecision(4));
}

/**
 * Builds the alert's description, a template that contains a query in backquotes. No name in the query can end the
 * backquotes, because the schema allows only letters, digits and dashes in names.
 */
function describe({ target, window, name }: Objective, identity: Matchers): string {
  const left = series(objectiveSeries.budgetRemaining, identity);
  return (
    `The error budget of ${name} (${exactly(target * 100)}% over ${window}) burns {{ $value | printf "%.1f" }} times as fast as it may.` +
    `{{ with query \`${left}\` }} {{ . | first | value | humanizePercentage }} of it is left.{{ end }}`
  );
}
