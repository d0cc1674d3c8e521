import { kubectl } from './kubectl.ts';

const commands = [
  ['get', 'pods,tradingpipelines,persistentvolumeclaims', '--output=wide'],
  ['get', 'events', '--sort-by=.lastTimestamp'],
  ['logs', '--selector=app.kubernetes.io/part-of=trading-platform', '--tail=15', '--prefix'],
];

/** Prints what one would ask the cluster first. */
export async function showDiagnosis(namespaces: readonly string[]): Promise<void> {
  for (const namespace of namespaces)
    for (const command of commands) {
      const answer = await kubectl(...command, `--namespace=${namespace}`).catch((error: Error) => error.message);
      console.log(`$ kubectl ${command.join(' ')} --namespace=${namespace}\n${answer.slice(-6_000)}`);
    }
}
