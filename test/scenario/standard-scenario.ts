/**
 * Ten minutes in which everything happens that a dashboard shows: the market runs, users work, and each kind of failure
 * is provoked for real, one after the other, on a stack that `make up` started.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { topics } from '#catalogue/topics.ts';
import { resources } from '#controller/api/resources.ts';
import { claimTwice, platform } from '../faults/rival-resource.ts';
import { createPipelineWithoutMarket } from '../faults/run-without-market.ts';
import { stopProcess } from '../faults/stop-process.ts';
import { connectKafka } from '../services/read-topic.ts';
import type { StackUnderTest } from '../stack/stack-under-test.ts';
import { startTraffic } from './traffic.ts';

interface Step {
  readonly what: string;
  run(stack: StackUnderTest): Promise<void>;
}

/** Long enough for two scrapes of every service to see it. */
const OUTAGE_MS = 35_000;
const CALM_MS = 30_000;

const steps: readonly Step[] = [
  { what: 'the market runs and users work', run: () => sleep(2 * CALM_MS) },
  { what: 'a message that is no signal', run: publishNonsense },
  { what: 'a pipeline fails: there is no market for its ticker', run: failPipeline },
  { what: 'a generated rule is deleted by hand', run: deleteRule },
  { what: 'a second resource claims the services of the first', run: claimForAWhile },
  ...['kafka', 'redis', 'postgres', 'kube-apiserver'].map((server) => outageOf(server)),
  { what: 'calm', run: () => sleep(CALM_MS) },
  // Longer than ServiceDown waits, so that an alert fires.
  outageOf('signal-generator', 3 * OUTAGE_MS),
  { what: 'calm', run: () => sleep(2 * CALM_MS) },
];

/** Runs the whole of it; `report` is told each step. */
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

async function publishNonsense(stack: StackUnderTest): Promise<void> {
  const producer = connectKafka(stack.at().kafka).producer();
  await producer.connect();
  await producer.send({ topic: topics.signals.name, messages: [{ key: 'GOOG', value: 'no signal' }] });
  await producer.disconnect();
}

async function failPipeline(stack: StackUnderTest): Promise<void> {
  const pipeline = await createPipelineWithoutMarket(stack.at().api, 'no-market');
  // The first is what the counter begins with: an increase is seen from the second on.
  for (let run = 0; run < 3; run += 1) {
    await pipeline.run();
    await sleep(CALM_MS / 2);
  }
}

async function deleteRule(stack: StackUnderTest): Promise<void> {
  const client = stack.kube();
  await client.delete(resources.prometheusRule, platform);
  client.close();
}

async function claimForAWhile(stack: StackUnderTest): Promise<void> {
  const withdraw = await claimTwice(stack);
  await sleep(CALM_MS);
  await withdraw();
}
