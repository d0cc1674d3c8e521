/** What the tests ask of Prometheus and Alertmanager, over their own APIs. */

import { parseDurationSeconds } from '#base/duration.ts';
import { LONG_WINDOWS_INTERVAL } from '#controller/compile/objectives/window-rules.ts';
import { until } from '../support/eventually.ts';

const SLOWEST_GROUP_MS = parseDurationSeconds(LONG_WINDOWS_INTERVAL) * 1_000;
const RELOAD_MS = 60_000;

export interface Target {
  readonly scrapePool: string;
  readonly health: string;
  readonly lastError: string;
  readonly labels: Readonly<Record<string, string>>;
}
export interface Rule {
  readonly name: string;
  readonly query: string;
  readonly health: string;
  readonly lastError?: string;
  readonly labels?: Readonly<Record<string, string>>;
}
export interface Alert {
  readonly fingerprint: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly status: { readonly state: 'active' | 'suppressed' | 'unprocessed' };
}
type Sample = { readonly metric: Readonly<Record<string, string>>; readonly value: readonly [number, string] };

async function readData<T>(url: string): Promise<T> {
  const response = await fetch(url);
  const body = (await response.json()) as { status: string; data: T; error?: string };
  if (body.status !== 'success') throw new Error(`${url}: ${body.error}`);
  return body.data;
}

export async function readTargets(prometheus: string): Promise<readonly Target[]> {
  const url = `${prometheus}/api/v1/targets?state=active`;
  return (await readData<{ activeTargets: readonly Target[] }>(url)).activeTargets;
}

export async function readRules(prometheus: string): Promise<readonly Rule[]> {
  const { groups } = await readData<{ groups: readonly { rules: readonly Rule[] }[] }>(`${prometheus}/api/v1/rules`);
  return groups.flatMap(({ rules }) => rules);
}

/**
 * Every rule, once Prometheus has evaluated each. It first evaluates a group anywhere within its interval: it spreads them. A
 * rule file takes a while to reach it: there are no fewer rules than `fewest` once it has.
 */
export function readEvaluatedRules(prometheus: string, fewest: number): Promise<readonly Rule[]> {
  return until(
    SLOWEST_GROUP_MS + RELOAD_MS,
    'rules evaluated',
    () => readRules(prometheus),
    (rules) => rules.length >= fewest && rules.every(({ health }) => health === 'ok'),
  );
}

export function readFlags(prometheus: string): Promise<Readonly<Record<string, string>>> {
  return readData(`${prometheus}/api/v1/status/flags`);
}

/** @throws Error with Prometheus' own words when the query does not parse */
export async function query(prometheus: string, expression: string): Promise<readonly Sample[]> {
  const url = `${prometheus}/api/v1/query?query=${encodeURIComponent(expression)}`;
  return (await readData<{ result: readonly Sample[] }>(url)).result;
}

export interface Range {
  /** Unix seconds. */
  readonly from: number;
  readonly to: number;
  /** Seconds. */
  readonly step: number;
}
type Series = {
  readonly metric: Sample['metric'];
  readonly values: readonly (readonly [time: number, value: string])[];
};

/** @throws Error with Prometheus' own words when the query does not parse */
export async function queryRange(
  prometheus: string,
  expression: string,
  { from, to, step }: Range,
): Promise<readonly Series[]> {
  const parameters = new URLSearchParams({ query: expression, start: `${from}`, end: `${to}`, step: `${step}` });
  return (await readData<{ result: readonly Series[] }>(`${prometheus}/api/v1/query_range?${parameters}`)).result;
}

/** The only value of a query that gives one; undefined while it gives none. */
export async function queryNumber(prometheus: string, expression: string): Promise<number | undefined> {
  const [sample] = await query(prometheus, expression);
  return sample && Number(sample.value[1]);
}

export async function readAlerts(alertmanager: string): Promise<readonly Alert[]> {
  const response = await fetch(`${alertmanager}/api/v2/alerts?active=true`);
  return (await response.json()) as readonly Alert[];
}
