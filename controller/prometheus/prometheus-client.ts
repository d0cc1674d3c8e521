/**
 * The only code that sends requests to Prometheus. The client takes the base URL, which may contain a path and
 * user:password. Its methods return the parsed `data` of the HTTP API, or throw a PrometheusError that says what to do.
 * The client never writes and never retries, and no error message contains the password.
 */
import { type HttpAnswer, HttpClient, HttpError } from '#base/http-client.ts';
import { showValue } from '#base/mask-secrets.ts';
import { findAddressFault, parseHttpAddress } from '#base/parse-address.ts';
import type { LoadedGroup, QueryRange, Sample, Series, SeriesPeriod, Targets, TsdbStatus } from './http-api.ts';
import { readElements } from './read-elements.ts';

export class PrometheusError extends Error {}

interface PrometheusClientOptions {
  /** Time-out of one request. Default 60 s, because a range query may take long. */
  readonly timeoutMs?: number;
}

interface AskOptions {
  /**
   * Parameters to send as a form in a POST request, because an expression may be too long for a URL. If absent, the
   * request is a GET.
   */
  readonly form?: Readonly<Record<string, string>>;
  readonly abort?: AbortSignal;
}

const TIMEOUT_MS = 60_000;
/** Longest response that is accepted, in characters. The response to the range query of a CLI backtest may be large. */
const MAX_TEXT_LENGTH = 256 * 1_024 * 1_024;

export class PrometheusClient {
  /** Base URL without user and password, and without a slash at its end. */
  readonly address: string;
  readonly #http: HttpClient;

  /** @throws PrometheusError if the address is not an http or https URL */
  constructor(address: string, { timeoutMs = TIMEOUT_MS }: PrometheusClientOptions = {}) {
    const fault = findAddressFault(address, parseHttpAddress);
    if (fault !== undefined)
      throw new PrometheusError(`${showValue('address', address)} is not the URL of a Prometheus: ${fault}`);
    const headers = { accept: 'application/json' };
    this.#http = new HttpClient(address, { headers, timeoutMs, maxTextLength: MAX_TEXT_LENGTH });
    this.address = this.#http.address;
  }

  /** Closes the keep-alive connections to Prometheus. */
  close(): void {
    this.#http.close();
  }

  targets(): Promise<Targets> {
    return this.ask('targets');
  }

  async scrapePools(): Promise<readonly string[]> {
    return (await this.ask<{ scrapePools: string[] }>('scrape_pools')).scrapePools;
  }

  async rules(): Promise<readonly LoadedGroup[]> {
    return (await this.ask<{ groups: LoadedGroup[] }>('rules')).groups;
  }

  async alertmanagers(): Promise<number> {
    return (await this.ask<{ activeAlertmanagers: unknown[] }>('alertmanagers')).activeAlertmanagers.length;
  }

  tsdbStatus(): Promise<TsdbStatus> {
    return this.ask('status/tsdb');
  }

  async query(query: string, abort?: AbortSignal): Promise<readonly Sample[]> {
    return (await this.ask<{ result: Sample[] }>('query', { form: { query }, abort })).result;
  }

  async queryRange({ query, start, end, step }: QueryRange): Promise<readonly Series[]> {
    const form = { query, start: String(start), end: String(end), step: String(step) };
    return (await this.ask<{ result: Series[] }>('query_range', { form })).result;
  }

  /** Returns whether any series that the selector matches has a sample in the period. */
  async hasSeries(selector: string, { start, end }: SeriesPeriod): Promise<boolean> {
    const form = { 'match[]': selector, start: String(start), end: String(end), limit: '1' };
    return (await this.ask<unknown[]>('series', { form })).length > 0;
  }

  /**
   * Sends a request to Prometheus and returns the `data` of the response.
   * @param path path under /api/v1/, followed by the query string if there is one
   */
  ask<T>(path: string, options: AskOptions = {}): Promise<T> {
    return this.#exchange(path, options, async (answer) => readData<T>(this.#urlOf(path), answer));
  }

  /**
   * Returns the result of `keep` for each element of the array in the response. The whole response is never in memory
   * at once.
   */
  askElements<T>(path: string, keep: (element: T) => T, abort?: AbortSignal): Promise<readonly T[]> {
    const url = this.#urlOf(path);
    return this.#exchange(path, { abort }, async (answer) => {
      if (answer.status !== 200) return readData<T[]>(url, answer);
      return (await readElements(answer.pieces, keep)) ?? noAnswer(url, answer);
    });
  }

  #urlOf(path: string): URL {
    return new URL(`${this.address}/api/v1/${path}`);
  }

  async #exchange<T>(path: string, { form, abort }: AskOptions, read: (answer: HttpAnswer) => Promise<T>): Promise<T> {
    const post = form && {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
    };
    try {
      return await this.#http.exchange(`/api/v1/${path}`, { ...post, abort }, read);
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      throw new PrometheusError(`Prometheus at ${this.address} does not answer: ${error.reason}`, { cause: error });
    }
  }
}

interface Envelope {
  readonly status?: string;
  readonly data?: unknown;
  readonly error?: string;
}

async function readData<T>(url: URL, answer: HttpAnswer): Promise<T> {
  const envelope = parseEnvelope(await answer.text());
  if (envelope?.status === 'success' && envelope.data !== undefined) return envelope.data as T;
  if (envelope?.error) throw new PrometheusError(`Prometheus refused ${url.origin}${url.pathname}: ${envelope.error}`);
  return noAnswer(url, answer);
}

function noAnswer({ origin, pathname }: URL, { status }: HttpAnswer): never {
  throw new PrometheusError(
    `${origin}${pathname} responded with status ${status}, but not as Prometheus does: check the URL`,
  );
}

function parseEnvelope(text: string): Envelope | undefined {
  try {
    return JSON.parse(text) as Envelope;
  } catch {
    return undefined;
  }
}
