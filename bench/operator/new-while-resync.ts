/** Measures how long the operator takes to handle a new resource while it resyncs all existing resources again and again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { sumSeries } from '../../test/support/scrape.ts';
import { type Figures, percentile, round } from '../figures.ts';
import { startMeasured, waitFor } from '../measured-process.ts';
import { type ClusterUnderBench, createOne } from './cluster-under-bench.ts';
import type { OperatorCase } from './operator-case.ts';

const NEW_RESOURCES = 100;
const RESYNC_MS = '1000';
const DEADLINE_MS = 60_000;

export async function measureNewWhileResync(
  cluster: ClusterUnderBench,
  operator: OperatorCase,
  count: number,
): Promise<Figures> {
  const running = startMeasured(operator.command(cluster.server.kubeconfigs, { RESYNC_MS }));
  try {
    const [, port] = await running.untilOutput(/"port":(\d+)/);
    await waitFor('two resyncs of all resources', async () => (await readReconciles(port)) > count * 2);
    const seconds: number[] = [];
    for (let index = count; index < count + NEW_RESOURCES; index++)
      seconds.push(await timeUntilDone(cluster, operator, index));
    return {
      new_while_resync_p50_seconds: round(percentile(seconds, 0.5)),
      new_while_resync_p99_seconds: round(percentile(seconds, 0.99)),
    };
  } finally {
    await running.stop();
  }
}

async function readReconciles(port: string | undefined): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return sumSeries(text, 'tradingpipeline_controller_reconciles_total', { result: 'success' });
}

async function timeUntilDone({ admin }: ClusterUnderBench, operator: OperatorCase, index: number): Promise<number> {
  const startedAt = performance.now();
  const { metadata } = await createOne(admin, operator, index);
  while (performance.now() - startedAt < DEADLINE_MS) {
    if (operator.isDone(await admin.get(operator.resource, metadata))) return (performance.now() - startedAt) / 1_000;
    await sleep(5);
  }
  throw new Error(`the new resource ${metadata.name} was not handled within ${DEADLINE_MS / 1_000} s`);
}
