import { existsSync } from 'node:fs';
import { CONTROLLER, isServiceName, serviceNames } from '#catalogue/services.ts';
import { type KubeObject, resources } from '#controller/api/kube-object.ts';
import { conditionTypes } from '#controller/api/names.ts';
import { KubeClient } from '#controller/kube/kube-client.ts';
import { readKubeConnection } from '#controller/kube/kube-connection.ts';
import { PLATFORM_NAMESPACE } from '../entries/platform-objects.ts';
import { addresses, type StackContext } from '../stack-context.ts';

/** Name of the TradingPipeline in examples/platform. */
const PLATFORM_NAME = 'platform';

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

/** The state of the platform according to its operator and to Prometheus. */
export interface PlatformState {
  readonly ready: boolean;
  /** Why the platform is not ready, in one line; empty if it is ready. */
  readonly reason: string;
  readonly targetsUp: number;
  readonly targets: number;
  /** Whether Prometheus scrapes the operator. The target counts leave the operator out, because it is not a service of the platform. */
  readonly operatorUp: boolean;
}

export async function readPlatformState(context: StackContext): Promise<PlatformState> {
  const [resource, targets] = await Promise.all([readReadiness(context), readTargets(context)]);
  return { ...resource, ...targets };
}

type Readiness = Pick<PlatformState, 'ready' | 'reason'>;

async function readReadiness({ paths }: StackContext): Promise<Readiness> {
  if (!existsSync(paths.kubeconfig)) return { ready: false, reason: 'the API server has not been started yet' };
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

/**
 * Returns whether the TradingPipeline is Ready and, if not, why. A status that describes an earlier generation of the
 * TradingPipeline counts as not ready. Pure.
 */
export function judgeReadiness({ metadata, status }: KubeObject): Readiness {
  const { observedGeneration, conditions = [] } = (status ?? {}) as {
    observedGeneration?: number;
    conditions?: readonly Condition[];
  };
  if (observedGeneration !== metadata.generation)
    return { ready: false, reason: 'the controller has not acted on it yet' };
  const condition = conditions.find(({ type }) => type === conditionTypes.ready);
  if (condition?.status === 'True') return { ready: true, reason: '' };
  const why = condition ? `${condition.reason}: ${condition.message}` : 'it has no condition Ready yet';
  return { ready: false, reason: why };
}

interface TargetsAnswer {
  readonly data: { readonly activeTargets: readonly { scrapePool: string; health: string; labels: { job: string } }[] };
}

/** Counts the scrape targets that come from ServiceMonitors. */
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
