import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from '#local/servers/free-port.ts';

/** A port of a pod that the API server forwards to this machine. NetworkPolicies do not apply to it, and it needs no NodePort. */
export interface PortForward {
  readonly port: number;
  stop(): void;
}

interface ForwardTo {
  readonly namespace: string;
  /** Kind and name for kubectl, such as service/backend or pod/kafka-0. */
  readonly target: string;
  readonly port: number;
}

const AGAIN_MS = 500;
const LISTENING_WITHIN_MS = 60_000;

/**
 * Forwards a port until `stop` is called. kubectl exits when the pod ends, so it is then started again on the same port.
 * @throws Error if kubectl does not listen within a minute
 */
export async function startPortForward(to: ForwardTo): Promise<PortForward> {
  const port = await findFreePort();
  const args = ['port-forward', `--namespace=${to.namespace}`, '--address=127.0.0.1', to.target, `${port}:${to.port}`];
  const stopped = new AbortController();
  let child: ChildProcess | undefined;
  const listening = Promise.withResolvers<void>();
  const keepRunning = async () => {
    while (!stopped.signal.aborted) {
      child = spawn('kubectl', args, { stdio: ['ignore', 'pipe', 'ignore'] });
      child.stdout?.on('data', () => listening.resolve());
      await new Promise((ended) => child?.once('close', ended).once('error', ended));
      await sleep(AGAIN_MS, undefined, { signal: stopped.signal }).catch(() => {});
    }
  };
  void keepRunning();
  const stop = () => {
    stopped.abort();
    child?.kill();
  };
  const tooLate = sleep(LISTENING_WITHIN_MS, 'too late' as const, { ref: false });
  if ((await Promise.race([listening.promise, tooLate])) === 'too late') {
    stop();
    throw new Error(`kubectl ${args.join(' ')} does not listen after ${LISTENING_WITHIN_MS / 1_000} s`);
  }
  return { port, stop };
}
