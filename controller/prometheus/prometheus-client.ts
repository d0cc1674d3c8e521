/**
 * The one place that talks to Prometheus. In: its base URL. Out: what its HTTP API says of all resources at once, however
 * many there are; what grows with them is read element by element. It never retries, and never puts a password of the URL
 * into an error.
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { objectivesQuery, type Sample } from '../reconcile/objective-readings.ts';
import type { RawAlert, RawAnswers, RawGroup, RawTarget } from '../reconcile/prometheus-answer.ts';
import { readSeldom } from './read-seldom.ts';
import { ElementSplitter } from './split-elements.ts';

export interface PrometheusClientOptions {
  /** Base URL; may hold a path, a user and a password. */
  readonly url: string;
  readonly timeoutMs?: number;
}

export interface PrometheusClient {
  /** @throws Error that names the URL, when one of the answers is missing or not what Prometheus says */
  read(signal?: AbortSignal): Promise<RawAnswers>;
  close(): void;
}

const TIMEOUT_MS = 10_000;
/** How every answer begins. */
const SUCCESS = '{"status":"success"';
const NO_ANSWER = 'this is no answer of Prometheus';

export function createPrometheusClient({ url, timeoutMs = TIMEOUT_MS }: PrometheusClientOptions): PrometheusClient {
  const base = new URL(url);
  const agent = base.protocol === 'https:' ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  const ask = async <T>(path: string, read: (response: IncomingMessage) => Promise<T>, signal?: AbortSignal) => {
    const deadline = AbortSignal.timeout(timeoutMs);
    const both = signal ? AbortSignal.any([signal, deadline]) : deadline;
    const target = new URL(`${base.pathname.replace(/\/$/, '')}/api/v1/${path}`, base);
    try {
      return await read(await send(target, agent, both));
    } catch (error) {
      const why = deadline.aborted
        ? `no answer within ${timeoutMs / 1_000} s`
        : describe(error as NodeJS.ErrnoException);
      throw new Error(`${target.origin}${target.pathname}: ${why}`, { cause: error });
    }
  };
  const readRules = readSeldom({
    read: (signal) => ask('rules?exclude_alerts=true', (response) => readElements(response, keepGroup), signal),
    version: (signal) => ask('status/runtimeinfo', readLoadedAt, signal).catch(() => undefined),
    now: () => performance.now(),
  });
  return {
    async read(signal) {
      const [targets, groups, alerts, objectives] = await Promise.all([
        ask('targets?state=active', (response) => readElements(response, keepTarget), signal),
        readRules(signal),
        ask('alerts', (response) => readElements(response, keepAlert), signal),
        ask(`query?${new URLSearchParams({ query: objectivesQuery })}`, readSamples, signal),
      ]);
      return { targets, groups, alerts, objectives };
    },
    close: () => agent.destroy(),
  };
}

function keepTarget({ scrapePool, scrapeUrl, health, lastError }: RawTarget): RawTarget {
  return { scrapePool, scrapeUrl, health, lastError };
}

function keepGroup({ name, rules }: RawGroup): RawGroup {
  return { name, rules: rules.map((rule) => ({ name: rule.name, health: rule.health, lastError: rule.lastError })) };
}

function keepAlert({ labels, state }: RawAlert): RawAlert {
  return { labels, state };
}

async function readSamples(response: IncomingMessage): Promise<readonly Sample[]> {
  return parseData<{ result: Sample[] }>(await readBody(response)).result;
}

/** When Prometheus last loaded a configuration, or started: with neither, it has the rules that it had. */
async function readLoadedAt(response: IncomingMessage): Promise<string> {
  const { startTime, lastConfigTime } = parseData<Record<string, string>>(await readBody(response));
  return `${startTime} ${lastConfigTime}`;
}

function send(url: URL, agent: HttpAgent | HttpsAgent, signal: AbortSignal): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    request(url, { agent, signal, headers: { accept: 'application/json' } }, resolve)
      .on('error', reject)
      .end();
  });
}

async function readBody(response: IncomingMessage): Promise<string> {
  response.setEncoding('utf8');
  let text = '';
  for await (const chunk of response) text += chunk;
  if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}: ${text.slice(0, 200).trim()}`);
  return text;
}

/** What is kept of each element of the array in the answer's `data`. */
async function readElements<T>(response: IncomingMessage, keep: (element: T) => T): Promise<readonly T[]> {
  if (response.statusCode !== 200) await readBody(response);
  response.setEncoding('utf8');
  const splitter = new ElementSplitter();
  const kept: T[] = [];
  let beginning = '';
  for await (const chunk of response) {
    if (beginning === '') beginning = String(chunk).slice(0, SUCCESS.length);
    for (const element of splitter.push(chunk)) kept.push(keep(JSON.parse(element) as T));
  }
  if (beginning !== SUCCESS || !splitter.isComplete) throw new Error(NO_ANSWER);
  return kept;
}

function parseData<T>(text: string): T {
  const body = JSON.parse(text) as { status?: string; data?: T; error?: string };
  if (body.status !== 'success' || body.data === undefined) throw new Error(body.error ?? NO_ANSWER);
  return body.data;
}

function describe({ code, message }: NodeJS.ErrnoException): string {
  return code ? `${code} ${message}`.trim() : message;
}
