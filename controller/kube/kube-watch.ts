/**
 * Watches the objects of one kind: yields the changes that an API server streams after a resourceVersion, until the
 * server ends the stream.
 */
import type { IncomingMessage } from 'node:http';
import { type KubeObject, type Resource, resourcePath } from '../api/kube-object.ts';
import { KubeError } from './kube-error.ts';
import { asKubeError, type KubeTransport } from './kube-transport.ts';

/** Selects which objects of a kind are listed or watched. */
export interface ListOptions {
  /** Namespace of the objects; all namespaces if absent. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly abort?: AbortSignal;
}

export interface WatchOptions extends ListOptions {
  /** The watch yields changes after this resourceVersion, usually the one that a list returned. */
  readonly resourceVersion: string;
  /** The server ends the watch after this time. */
  readonly timeoutSeconds: number;
  /** How long after `timeoutSeconds` the client gives up a watch that the server has not ended. Default 5 s. */
  readonly graceMs?: number;
}

export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: T;
}

const GRACE_MS = 5_000;
/** Time-out for the headers of a watch's response. The server sends them at once, even if nothing changes. */
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Yields the changes after `options.resourceVersion`. Returns without an error when the server ends the watch, which is
 * normal. The caller then watches again from the last resourceVersion that it received.
 */
export async function* watch<T extends KubeObject>(
  transport: KubeTransport,
  resource: Resource,
  options: WatchOptions,
): AsyncGenerator<WatchEvent<T>, void> {
  const unanswered = new AbortController();
  const answerMs = Math.min(ANSWER_TIMEOUT_MS, transport.requestTimeoutMs);
  const timer = setTimeout(() => unanswered.abort(), answerMs);
  const abort = options.abort ? AbortSignal.any([options.abort, unanswered.signal]) : unanswered.signal;
  const response = await open(transport, resource, { ...options, abort }).finally(() => clearTimeout(timer));
  try {
    for await (const line of readLines(response)) yield parseEvent<T>(line);
  } catch (error) {
    throw asKubeError(error, `watch of ${resource.plural} broke`);
  } finally {
    response.destroy();
  }
}

function open(transport: KubeTransport, resource: Resource, options: WatchOptions): Promise<IncomingMessage> {
  return transport.send({
    verb: 'watch',
    method: 'GET',
    path: resourcePath(resource, { namespace: options.namespace }),
    query: {
      labelSelector: options.labelSelector,
      fieldSelector: options.fieldSelector,
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: options.resourceVersion,
      timeoutSeconds: String(options.timeoutSeconds),
    },
    timeoutMs: options.timeoutSeconds * 1_000 + (options.graceMs ?? GRACE_MS),
    abort: options.abort,
  });
}

async function* readLines(response: IncomingMessage): AsyncGenerator<string> {
  response.setEncoding('utf8');
  let rest = '';
  for await (const chunk of response) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield line;
  }
}

/** The fields of the Status object in a watch event of the type ERROR. */
interface ErrorStatus {
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
}

function parseEvent<T>(line: string): WatchEvent<T> {
  const event = JSON.parse(line) as { type: WatchEvent<T>['type'] | 'ERROR'; object: T & ErrorStatus };
  if (event.type !== 'ERROR') return { type: event.type, object: event.object };
  const { message = 'the watch failed', code = 500, reason = 'Unknown' } = event.object;
  throw new KubeError({ message, code, reason });
}
