/**
 * Notices when the API server is back after it could not be reached. A network that drops everything without a word looks like
 * a server with nothing to say: requests and watches of that time hang until their own deadlines. This asks for a sign of
 * life often and briefly; whoever is told that it came back after a silence starts over at once. Any answer is one, a
 * refusal too.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '#base/log.ts';
import type { KubeClient } from './kube-client.ts';
import { KubeError } from './kube-error.ts';

export interface HeartbeatOptions {
  /** One of its own, with a time-out of about a second. */
  readonly client: Pick<KubeClient, 'getText' | 'reconnect'>;
  readonly log: Log;
  /** Connections and requests from before or during the silence are lost, whatever they seem to be. */
  readonly onBack: () => void;
  readonly timing?: HeartbeatTiming;
}

export interface HeartbeatTiming {
  /** Between two questions while they are answered. */
  readonly everyMs: number;
  /** Between two questions while they are not. */
  readonly retryMs: number;
  /** A shorter silence is not worth starting over. */
  readonly silenceMs: number;
}

export interface Heartbeat {
  stop(): Promise<void>;
}

const TIMING: HeartbeatTiming = { everyMs: 5_000, retryMs: 250, silenceMs: 3_000 };
/** Answered even by a server that sheds load, and allowed to whoever is logged in. */
const SIGN_OF_LIFE = '/livez';

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

async function beat({ client, log, onBack, timing = TIMING }: HeartbeatOptions, signal: AbortSignal): Promise<void> {
  let silentSince: number | undefined;
  while (!signal.aborted) {
    const askedAt = performance.now();
    const isAlive = await answers(client, signal);
    const silentMs = performance.now() - (silentSince ?? askedAt);
    if (!isAlive) {
      silentSince ??= askedAt;
      client.reconnect();
    } else if (silentSince !== undefined) {
      silentSince = undefined;
      if (silentMs >= timing.silenceMs) {
        log.warn({ silent_ms: Math.round(silentMs) }, 'the API server answers again; starting over');
        onBack();
      }
    }
    await sleep(isAlive ? timing.everyMs : timing.retryMs, undefined, { signal }).catch(() => undefined);
  }
}

async function answers(client: HeartbeatOptions['client'], signal: AbortSignal): Promise<boolean> {
  try {
    await client.getText(SIGN_OF_LIFE, signal);
    return true;
  } catch (error) {
    return error instanceof KubeError && error.code > 0;
  }
}
