/**
 * Reads Prometheus and Alertmanager over their HTTP APIs. Every function takes the server's base URL and throws if the server
 * does not respond.
 */

interface Target {
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

/** Returns the active targets. Targets dropped by relabelling are left out. */
export async function readTargets(prometheus: string): Promise<readonly Target[]> {
  const url = `${prometheus}/api/v1/targets?state=active`;
  return (await readData<{ activeTargets: readonly Target[] }>(url)).activeTargets;
}

/** Returns the recording and alerting rules of all groups, in the order Prometheus lists them. */
export async function readRules(prometheus: string): Promise<readonly Rule[]> {
  const { groups } = await readData<{ groups: readonly { rules: readonly Rule[] }[] }>(`${prometheus}/api/v1/rules`);
  return groups.flatMap(({ rules }) => rules);
}

export function readFlags(prometheus: string): Promise<Readonly<Record<string, string>>> {
  return readData(`${prometheus}/api/v1/status/flags`);
}

/** @throws Error with Prometheus's message if the query does not parse */
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

/** @throws Error with Prometheus's message if the query does not parse */
export async function queryRange(
  prometheus: string,
  expression: string,
  { from, to, step }: Range,
): Promise<readonly Series[]> {
  const parameters = new URLSearchParams({ query: expression, start: `${from}`, end: `${to}`, step: `${step}` });
  return (await readData<{ result: readonly Series[] }>(`${prometheus}/api/v1/query_range?${parameters}`)).result;
}

/** Returns the value of the query's first sample, or undefined if the query has no result. */
export async function queryNumber(prometheus: string, expression: string): Promise<number | undefined> {
  const [sample] = await query(prometheus, expression);
  return sample && Number(sample.value[1]);
}

/** Returns Alertmanager's alerts: active ones, and active ones that a silence or an inhibition suppresses. */
export async function readAlerts(alertmanager: string): Promise<readonly Alert[]> {
  const response = await fetch(`${alertmanager}/api/v2/alerts?active=true`);
  return (await response.json()) as readonly Alert[];
}
