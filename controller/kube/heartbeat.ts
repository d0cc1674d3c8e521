/**
 * Notices when the API server is reachable again. If a network drops packets silently, running requests and watches hang until
 * their own time-outs. The heartbeat sends a short request often, and calls `onBack` at the first response after a silence, so
 * that all clients reconnect at once. Any response counts, even an error.
 */
import type { Log } from '#base/log.ts';
import { startLoop } from '#base/repeat.ts';
import type { KubeClient } from './kube-client.ts';
import { KubeError } from './kube-error.ts';

interface HeartbeatOptions {
  /** A client that nothing else uses, with a request time-out of about a second. */
  readonly client: Pick<KubeClient, 'getText' | 'reconnect'>;
  readonly log: Log;
  /**
   * Called when the API server is back. Must reconnect all clients, because connections from before or during the
   * silence are dead, even if they look open.
   */
  readonly onBack: () => void;
  readonly timing?: HeartbeatTiming;
}

interface HeartbeatTiming {
  /** Pause between two requests while the server responds. */
  readonly everyMs: number;
  /** Pause between two requests while the server does not respond. */
  readonly retryMs: number;
  /** Shortest time without a response after which `onBack` is called. */
  readonly silenceMs: number;
}

interface Heartbeat {
  stop(): Promise<void>;
}

const TIMING: HeartbeatTiming = { everyMs: 5_000, retryMs: 250, silenceMs: 3_000 };
/**
 * The URL path of the heartbeat's requests. An API server that sheds load still responds to this path, and every user
 * may read it.
 */
const LIVE_PATH = '/livez';

export function startHeartbeat({ client, log, onBack, timing = TIMING }: HeartbeatOptions): Heartbeat {
  let silentSince: number | undefined;
  return startLoop(async (abort) => {
    const askedAt = performance.now();
    const isAlive = await answers(client, abort);
    const silentMs = performance.now() - (silentSince ?? askedAt);
    if (!isAlive) {
      silentSince ??= askedAt;
      client.reconnect();
      return timing.retryMs;
    }
    if (silentSince !== undefined && silentMs >= timing.silenceMs) {
      log.warn({ silent_ms: Math.round(silentMs) }, 'the API server answers again; reconnecting');
      onBack();
    }
    silentSince = undefined;
    return timing.everyMs;
  });
}

async function answers(client: HeartbeatOptions['client'], abort: AbortSignal): Promise<boolean> {
  try {
    await client.getText(LIVE_PATH, abort);
    return true;
  } catch (error) {
    return error instanceof KubeError && error.code > 0;
  }
}
