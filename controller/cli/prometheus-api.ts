/**
 * What the commands ask of Prometheus' HTTP API. In: the base address, with a path or user:password where it has them. Out: the
 * parsed `data`, or a PrometheusError that says what to do. It never writes and never retries.
 */
export class PrometheusError extends Error {}

export interface Target {
  readonly scrapePool: string;
  readonly scrapeUrl: string;
  readonly health: 'up' | 'down' | 'unknown';
  readonly lastError: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Targets {
  readonly activeTargets: readonly Target[];
  /** Found, and dropped by relabelling, by scrape pool. */
  readonly droppedTargetCounts?: Readonly<Record<string, number>>;
}

export interface LoadedRule {
  readonly name: string;
  readonly query: string;
  readonly health: 'ok' | 'err' | 'unknown';
  readonly lastError?: string;
  readonly type: 'alerting' | 'recording';
  /** Of an alerting rule. */
  readonly state?: 'inactive' | 'pending' | 'firing';
}

export interface LoadedGroup {
  readonly name: string;
  readonly file: string;
  readonly rules: readonly LoadedRule[];
}

export interface NamedCount {
  readonly name: string;
  readonly value: number;
}

export interface TsdbStatus {
  readonly headStats: { readonly numSeries: number };
  readonly seriesCountByMetricName: readonly NamedCount[];
  readonly labelValueCountByLabelName: readonly NamedCount[];
}

/** A point is [unix seconds, value as text]. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [number, string])[];
}

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

export interface QueryRange {
  readonly query: string;
  /** Unix seconds, all three. */
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

interface Envelope {
  readonly status: 'success' | 'error';
  readonly data: unknown;
  readonly error?: string;
}

const TIMEOUT_MS = 60_000;

export class PrometheusApi {
  readonly #base: URL;
  readonly #headers: Record<string, string>;

  /** @throws PrometheusError for an address that is none */
  constructor(address: string) {
    if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol))
      throw new PrometheusError(`${address} is no address of a Prometheus: it must be a http or https URL`);
    const url = new URL(address);
    const { username, password } = url;
    const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    this.#headers = username === '' ? {} : { authorization: `Basic ${Buffer.from(user).toString('base64')}` };
    url.username = '';
    url.password = '';
    this.#base = url;
  }

  get address(): string {
    return this.#base.href.replace(/\/$/, '');
  }

  async targets(): Promise<Targets> {
    return (await this.#ask('targets')) as Targets;
  }

  async scrapePools(): Promise<readonly string[]> {
    return ((await this.#ask('scrape_pools')) as { scrapePools: string[] }).scrapePools;
  }

  async rules(): Promise<readonly LoadedGroup[]> {
    return ((await this.#ask('rules')) as { groups: LoadedGroup[] }).groups;
  }

  async alertmanagers(): Promise<number> {
    return ((await this.#ask('alertmanagers')) as { activeAlertmanagers: unknown[] }).activeAlertmanagers.length;
  }

  async tsdbStatus(): Promise<TsdbStatus> {
    return (await this.#ask('status/tsdb')) as TsdbStatus;
  }

  async query(query: string): Promise<readonly Sample[]> {
    return ((await this.#ask('query', { query })) as { result: Sample[] }).result;
  }

  async queryRange({ query, start, end, step }: QueryRange): Promise<readonly Series[]> {
    const form = { query, start: String(start), end: String(end), step: String(step) };
    return ((await this.#ask('query_range', form)) as { result: Series[] }).result;
  }

  /** Whether a selector has any sample between two times, in unix seconds. */
  async hasSeries(selector: string, start: number, end: number): Promise<boolean> {
    const form = { 'match[]': selector, start: String(start), end: String(end), limit: '1' };
    return ((await this.#ask('series', form)) as unknown[]).length > 0;
  }

  /** Queries go as a form: an expression may be longer than an address may be. */
  async #ask(path: string, form?: Record<string, string>): Promise<unknown> {
    const url = `${this.address}/api/v1/${path}`;
    const init: RequestInit = { headers: this.#headers, signal: AbortSignal.timeout(TIMEOUT_MS) };
    const request = form ? { ...init, method: 'POST', body: new URLSearchParams(form) } : init;
    let response: Response;
    try {
      response = await fetch(url, request);
    } catch (error) {
      const { cause, message } = error as Error & { cause?: { code?: string; message?: string } };
      throw new PrometheusError(
        `Prometheus at ${this.address} does not answer: ${cause?.code ?? cause?.message ?? message}`,
      );
    }
    return readEnvelope(url, response);
  }
}

async function readEnvelope(url: string, response: Response): Promise<unknown> {
  const text = await response.text();
  const envelope = parseEnvelope(text);
  if (envelope?.status === 'success') return envelope.data;
  if (envelope?.error) throw new PrometheusError(`Prometheus refused ${url}: ${envelope.error}`);
  throw new PrometheusError(`${url} answered ${response.status}, and not as Prometheus does: is the address right?`);
}

function parseEnvelope(text: string): Envelope | undefined {
  try {
    return JSON.parse(text) as Envelope;
  } catch {
    return undefined;
  }
}
