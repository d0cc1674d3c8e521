/**
 * Notices when the API server is reachable again. If a network drops packets silently, running requests and watches hang until
 * their own time-outs. The heartbeat sends a short request often, and calls `onBack` at the first answer after a silence, so
 * that everything reconnects at once. Any answer counts, an error too.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '#base/log.ts';
import type { KubeClient } from './kube-client.ts';
import { KubeError } from './kube-error.ts';

export interface HeartbeatOptions {
  /** A client of its own, with a request time-out of about a second. */
  readonly client: Pick<KubeClient, 'getText' | 'reconnect'>;
  readonly log: Log;
  /** Reconnect everything: connections from before or during the silence are dead, even if they look open. */
  readonly onBack: () => void;
  readonly timing?: HeartbeatTiming;
}

export interface HeartbeatTiming {
  /** Pause between two requests while they are answered. */
  readonly everyMs: number;
  /** Pause between two requests while they are not. */
  readonly retryMs: number;
  /** `onBack` is not called after a shorter silence. */
  readonly silenceMs: number;
}

export interface Heartbeat {
  stop(): Promise<void>;
}

const TIMING: HeartbeatTiming = { everyMs: 5_000, retryMs: 250, silenceMs: 3_000 };
/** A server that sheds load still answers this path, and every user may read it. */
const LIVE_PATH = '/livez';

export function startHeartbeat(options: HeartbeatOptions): Heartbeat {
  const stopping = new AbortController();
  const running = beat(options, stopping.signal);
  return {
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}

async function beat({ client, log, onBack, timing = TIMING }: HeartbeatOptions, stopping: AbortSignal): Promise<void> {
  let silentSince: number | undefined;
  while (!stopping.aborted) {
    const askedAt = performance.now();
    const isAlive = await answers(client, stopping);
    const silentMs = performance.now() - (silentSince ?? askedAt);
    if (!isAlive) {
      silentSince ??= askedAt;
      client.reconnect();
    } else if (silentSince !== undefined) {
      silentSince = undefined;
      if (silentMs >= timing.silenceMs) {
        log.warn({ silent_ms: Math.round(silentMs) }, 'the API server answers again; reconnecting');
        onBack();
      }
    }
    await sleep(isAlive ? timing.everyMs : timing.retryMs, undefined, { signal: stopping }).catch(() => undefined);
  }
}

async function answers(client: HeartbeatOptions['client'], stopping: AbortSignal): Promise<boolean> {
  try {
    await client.getText(LIVE_PATH, stopping);
    return true;
  } catch (error) {
    return error instanceof KubeError && error.code > 0;
  }
}
