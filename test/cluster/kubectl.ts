import type { KubeObject } from '#controller/api/kube-object.ts';
import { runProgram } from './run-program.ts';

/** The fields of a pod that the tests read. */
export interface Pod extends KubeObject {
  readonly spec: {
    readonly containers: readonly { readonly name: string; readonly image: string }[];
  };
  readonly status: {
    readonly phase: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly { readonly restartCount: number }[];
  };
}

/** Runs kubectl with the KUBECONFIG of the environment, and returns its output. */
export function kubectl(...args: readonly string[]): Promise<string> {
  return runProgram('kubectl', args);
}

/** Lists the objects of a kind. @param args further arguments, such as the namespace */
export async function listObjects<T extends KubeObject>(
  kind: string,
  ...args: readonly string[]
): Promise<readonly T[]> {
  return (JSON.parse(await kubectl('get', kind, '--output=json', ...args)) as { items: T[] }).items;
}

/** Applies objects by server-side apply. Forces conflicts, as GitOps tools do: takes over fields that other field managers own. */
export async function applyObjects(objects: readonly KubeObject[]): Promise<void> {
  const list = { apiVersion: 'v1', kind: 'List', items: objects };
  await runProgram('kubectl', ['apply', '--server-side', '--force-conflicts', '--filename=-'], JSON.stringify(list));
}

export function isReady({ status }: Pod): boolean {
  return status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
}

const diagnosis = [
  ['get', 'pods,tradingpipelines,persistentvolumeclaims', '--output=wide'],
  ['get', 'events', '--sort-by=.lastTimestamp'],
  ['logs', '--selector=app.kubernetes.io/part-of=trading-platform', '--tail=15', '--prefix'],
];

/** Prints the pods, events and logs of the namespaces, for a developer who looks for the cause of a failed test. */
export async function showDiagnosis(namespaces: readonly string[]): Promise<void> {
  for (const namespace of namespaces)
    for (const command of diagnosis) {
      const answer = await kubectl(...command, `--namespace=${namespace}`).catch((error: Error) => error.message);
      console.log(`$ kubectl ${command.join(' ')} --namespace=${namespace}\n${answer.slice(-6_000)}`);
    }
}
