import { existsSync } from 'node:fs';
import { CONTROLLER, isServiceName, serviceNames } from '#catalogue/services.ts';
import type { KubeObject } from '#controller/api/kube-object.ts';
import { conditionTypes } from '#controller/api/names.ts';
import { resources } from '#controller/api/resources.ts';
import { KubeClient } from '#controller/kube/kube-client.ts';
import { readKubeConnection } from '#controller/kube/kube-connection.ts';
import { PLATFORM_NAMESPACE } from '../entries/platform-objects.ts';
import { addresses, type StackContext } from '../stack-context.ts';

/** The TradingPipeline of examples/platform. */
const PLATFORM_NAME = 'platform';

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

/** How the platform stands, in its operator's eyes and in those of Prometheus. */
export interface PlatformState {
  readonly ready: boolean;
  /** Why not, in one line; empty when ready. */
  readonly reason: string;
  readonly targetsUp: number;
  readonly targets: number;
  /** Whether Prometheus scrapes the operator itself: no service of the platform, and not counted as one. */
  readonly operatorUp: boolean;
}

export async function readPlatformState(context: StackContext): Promise<PlatformState> {
  const [resource, targets] = await Promise.all([readReadiness(context), readTargets(context)]);
  return { ...resource, ...targets };
}

type Readiness = Pick<PlatformState, 'ready' | 'reason'>;

async function readReadiness({ paths }: StackContext): Promise<Readiness> {
  if (!existsSync(paths.kubeconfig)) return { ready: false, reason: 'the API server has not been up yet' };
  const client = new KubeClient({
    connection: readKubeConnection(paths.kubeconfig),
    fieldManager: 'local-stack',
    requestTimeoutMs: 5_000,
  });
  try {
    const at = { namespace: PLATFORM_NAMESPACE, name: PLATFORM_NAME };
    return judgeReadiness(await client.get<KubeObject>(resources.tradingPipeline, at));
  } catch (error) {
    return { ready: false, reason: (error as Error).message };
  } finally {
    client.close();
  }
}

/** Ready only when the condition is about the spec as it is now. Pure. */
export function judgeReadiness({ metadata, status }: KubeObject): Readiness {
  const { observedGeneration, conditions = [] } = (status ?? {}) as {
    observedGeneration?: number;
    conditions?: readonly Condition[];
  };
  if (observedGeneration !== metadata.generation) return { ready: false, reason: 'the controller has not seen it yet' };
  const condition = conditions.find(({ type }) => type === conditionTypes.ready);
  if (condition?.status === 'True') return { ready: true, reason: '' };
  const why = condition ? `${condition.reason}: ${condition.message}` : 'it has no condition Ready';
  return { ready: false, reason: why };
}

interface TargetsAnswer {
  readonly data: { readonly activeTargets: readonly { scrapePool: string; health: string; labels: { job: string } }[] };
}

/** Targets that came from ServiceMonitors. */
async function readTargets({ settings }: StackContext): Promise<Omit<PlatformState, keyof Readiness>> {
  const url = `${addresses(settings).prometheus}/api/v1/targets?state=active`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) })
    .then((response) => response.json() as Promise<TargetsAnswer>)
    .catch(() => undefined);
  const monitored =
    answer?.data.activeTargets.filter(({ scrapePool }) => scrapePool.startsWith('serviceMonitor/')) ?? [];
  const ofServices = monitored.filter(({ labels }) => isServiceName(labels.job));
  const isUp = ({ health }: { health: string }) => health === 'up';
  return {
    targets: Math.max(ofServices.length, serviceNames.length),
    targetsUp: ofServices.filter(isUp).length,
    operatorUp: monitored.filter(({ labels }) => labels.job === CONTROLLER).some(isUp),
  };
}
