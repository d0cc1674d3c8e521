/**
 * The one place that talks to Prometheus. In: its base URL. Out: the bodies of its HTTP API for all resources at once, however
 * many there are. It never retries, and never puts a password of the URL into an error.
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { objectivesQuery, type Sample } from '../reconcile/objective-readings.ts';
import type { RawAlerts, RawAnswers, RawRules, RawTargets } from '../reconcile/prometheus-answer.ts';

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

export function createPrometheusClient({ url, timeoutMs = TIMEOUT_MS }: PrometheusClientOptions): PrometheusClient {
  const base = new URL(url);
  const agent = base.protocol === 'https:' ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  const ask = async <T>(path: string, signal?: AbortSignal): Promise<T> => {
    const deadline = AbortSignal.timeout(timeoutMs);
    const both = signal ? AbortSignal.any([signal, deadline]) : deadline;
    const target = new URL(`${base.pathname.replace(/\/$/, '')}/api/v1/${path}`, base);
    try {
      return parseData<T>(await readBody(await send(target, agent, both)));
    } catch (error) {
      const why = deadline.aborted
        ? `no answer within ${timeoutMs / 1_000} s`
        : describe(error as NodeJS.ErrnoException);
      throw new Error(`${target.origin}${target.pathname}: ${why}`, { cause: error });
    }
  };
  return {
    async read(signal) {
      const [targets, rules, alerts, objectives] = await Promise.all([
        ask<RawTargets>('targets?state=active', signal),
        ask<RawRules>('rules?exclude_alerts=true', signal),
        ask<RawAlerts>('alerts', signal),
        ask<{ result: Sample[] }>(`query?${new URLSearchParams({ query: objectivesQuery })}`, signal),
      ]);
      return { targets, rules, alerts, objectives: objectives.result };
    },
    close: () => agent.destroy(),
  };
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

function parseData<T>(text: string): T {
  const body = JSON.parse(text) as { status?: string; data?: T; error?: string };
  if (body.status !== 'success' || body.data === undefined)
    throw new Error(body.error ?? 'this is no answer of Prometheus');
  return body.data;
}

function describe({ code, message }: NodeJS.ErrnoException): string {
  return code ? `${code} ${message}`.trim() : message;
}
