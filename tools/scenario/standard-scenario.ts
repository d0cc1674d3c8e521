/**
 * Ten minutes in which everything happens that the dashboards show: the market runs, users work, and each kind of failure is
 * caused for real, one after the other, on a running stack.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_LABEL_SETS } from '#catalogue/metrics.ts';
import { resources } from '#controller/api/kube-object.ts';
import { FIELD_MANAGER, OPERATOR_NAMESPACE } from '#controller/api/names.ts';
import { claimTwice, platform, refuseRule } from '../faults/api-server.ts';
import {
  createPipelineOfSmallBudget,
  createPipelineWithoutMarket,
  type PipelineByHand,
} from '../faults/platform-api.ts';
import { stopProcess } from '../faults/processes.ts';
import { inventSignalTypes, publishSignals } from '../faults/servers.ts';
import type { StackUnderTest } from '../observe/stack-under-test.ts';
import { startTraffic } from './traffic.ts';

interface Step {
  readonly what: string;
  run(stack: StackUnderTest): Promise<void>;
}

/** Duration of an outage in milliseconds: long enough that two scrapes of every service see the outage. */
const OUTAGE_MS = 35_000;
const CALM_MS = 30_000;

const steps: readonly Step[] = [
  { what: 'the market runs and users work', run: () => sleep(2 * CALM_MS) },
  { what: 'a message that is not a signal', run: publishNonsense },
  { what: 'a pipeline fails: there is no market for its ticker', run: failPipeline },
  { what: 'a pipeline spends its model budget', run: spendBudget },
  { what: 'signals of more types than a metric has labels for', run: inventTypes },
  { what: 'a generated rule is deleted by hand', run: deleteRule },
  {
    what: 'a rule is deleted, and an admission webhook that does not answer keeps the operator from making it again',
    run: refuseForAWhile,
  },
  { what: 'a second resource claims the services of the first', run: claimForAWhile },
  { what: 'another program writes into the lease of the operator', run: disturbLease },
  ...['model-api', 'kafka', 'redis', 'postgres', 'kube-apiserver'].map((server) => outageOf(server)),
  { what: 'calm', run: () => sleep(CALM_MS / 2) },
  // longer than the `for` of ServiceDown, so that the alert fires
  outageOf('signal-generator', 3 * OUTAGE_MS),
  { what: 'calm', run: () => sleep(CALM_MS) },
];

/** Runs all steps, and reports each before it begins. */
export async function runScenario(stack: StackUnderTest, report: (what: string) => void): Promise<void> {
  const stopTraffic = startTraffic(stack.at().api);
  try {
    for (const { what, run } of steps) {
      report(what);
      await run(stack);
    }
  } finally {
    await stopTraffic();
  }
}

function outageOf(server: string, lasts = OUTAGE_MS): Step {
  return {
    what: `${server} is away for ${lasts / 1_000} s`,
    run: async (stack) => {
      const start = await stopProcess(stack, server);
      await sleep(lasts);
      await start();
      await sleep(CALM_MS / 2);
    },
  };
}

function publishNonsense(stack: StackUnderTest): Promise<void> {
  return publishSignals(stack.at(), ['no signal']);
}

/**
 * Publishes signals of most invented types at once and of the remaining types later, because Prometheus sees an
 * increase only between two scrapes.
 */
async function inventTypes({ at }: StackUnderTest): Promise<void> {
  await inventSignalTypes(at(), DEFAULT_LABEL_SETS + 50);
  await sleep(OUTAGE_MS);
  await inventSignalTypes(at(), 50, DEFAULT_LABEL_SETS + 50);
}

async function failPipeline(stack: StackUnderTest): Promise<void> {
  await runThrice(await createPipelineWithoutMarket(stack.at().api, 'no-market'));
}

/** The first execution spends the pipeline's budget; the next executions are refused. */
async function spendBudget(stack: StackUnderTest): Promise<void> {
  await runThrice(await createPipelineOfSmallBudget(stack.at().api, 'small-budget'));
}

/** Runs a pipeline three times, because Prometheus sees the increase of a new counter from the second event on. */
async function runThrice(pipeline: PipelineByHand): Promise<void> {
  for (let run = 0; run < 3; run += 1) {
    await pipeline.run();
    await sleep(CALM_MS / 3);
  }
}

async function deleteRule(stack: StackUnderTest): Promise<void> {
  const client = stack.kube();
  await client.delete(resources.prometheusRule, platform);
  client.close();
}

/** For a while, every attempt of the operator to create a deleted PrometheusRule again fails and is retried. */
async function refuseForAWhile(stack: StackUnderTest): Promise<void> {
  const heal = await refuseRule(stack);
  await sleep(OUTAGE_MS);
  await heal();
}

async function claimForAWhile(stack: StackUnderTest): Promise<void> {
  const withdraw = await claimTwice(stack);
  await sleep(CALM_MS);
  await withdraw();
}

/**
 * Makes the leader's next renewal of the Lease fail with 409. The leader then reads the Lease, finds that it is still
 * the holder, and continues to lead.
 */
async function disturbLease(stack: StackUnderTest): Promise<void> {
  const client = stack.kube();
  const at = { namespace: OPERATOR_NAMESPACE, name: FIELD_MANAGER };
  for (let time = 0; time < 3; time += 1) {
    const lease = await client.get(resources.lease, at);
    const annotations = { ...lease.metadata.annotations, disturbed: String(time) };
    const disturbed = { ...lease, metadata: { ...lease.metadata, annotations } };
    // our own write fails if the leader was faster, and the next iteration tries again
    await client.replace(resources.lease, disturbed).catch(() => undefined);
    await sleep(OUTAGE_MS / 6);
  }
  client.close();
}
