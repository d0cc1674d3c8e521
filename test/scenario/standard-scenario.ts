/**
 * Ten minutes in which everything happens that a dashboard shows: the market runs, users work, and each kind of failure
 * is provoked for real, one after the other, on a stack that `make up` started.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { services } from '#catalogue/services.ts';
import { topics } from '#catalogue/topics.ts';
import type { KubeObject } from '#controller/api/kube-object.ts';
import { resources } from '#controller/api/resources.ts';
import { connectKafka } from '../services/read-topic.ts';
import type { StackUnderTest } from '../stack/stack-under-test.ts';
import { startTraffic } from './traffic.ts';

interface Step {
  readonly what: string;
  run(stack: StackUnderTest): Promise<void>;
}

const platform = { namespace: 'trading-platform', name: 'platform' };
/** Long enough for two scrapes of every service to see it. */
const OUTAGE_MS = 35_000;
const CALM_MS = 30_000;

const steps: readonly Step[] = [
  { what: 'the market runs and users work', run: () => sleep(2 * CALM_MS) },
  { what: 'a message that is no signal', run: publishNonsense },
  { what: 'a pipeline fails: there is no market for its ticker', run: runWithoutMarket },
  { what: 'a generated rule is deleted by hand', run: deleteRule },
  { what: 'a second resource claims the services of the first', run: claimTwice },
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
      await need(stack, 'stop', server);
      await sleep(lasts);
      await need(stack, 'start', server);
      await sleep(CALM_MS / 2);
    },
  };
}

async function need(stack: StackUnderTest, ...command: readonly string[]): Promise<void> {
  const { code, output } = await stack.run(...command);
  if (code !== 0) throw new Error(`${command.join(' ')} failed: ${output}`);
}

async function publishNonsense(stack: StackUnderTest): Promise<void> {
  const producer = connectKafka(stack.at().kafka).producer();
  await producer.connect();
  await producer.send({ topic: topics.signals.name, messages: [{ key: 'GOOG', value: 'no signal' }] });
  await producer.disconnect();
}

async function runWithoutMarket(stack: StackUnderTest): Promise<void> {
  const api = `${stack.at().api}/api/v1/pipelines`;
  const post = async (url: string, body: object) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`POST ${url}: ${answer.status} ${await answer.text()}`);
  };
  const pipeline = { pipeline_id: 'no-market', name: 'No market', trigger: { mode: 'manual' }, tickers: ['NOSUCH'] };
  await post(api, pipeline);
  // The first is what the counter begins with: an increase is seen from the second on.
  for (let run = 0; run < 3; run += 1) {
    await post(`${api}/no-market/run`, {});
    await sleep(CALM_MS / 2);
  }
}

async function deleteRule(stack: StackUnderTest): Promise<void> {
  const client = stack.kube();
  await client.delete(resources.prometheusRule, platform);
  client.close();
}

async function claimTwice(stack: StackUnderTest): Promise<void> {
  const client = stack.kube();
  const { apiVersion, kind } = resources.tradingPipeline;
  const spec = { services: Object.keys(services).map((name) => ({ name })) };
  const rival: KubeObject = { apiVersion, kind, metadata: { ...platform, name: 'rival' }, spec };
  await client.apply(resources.tradingPipeline, rival);
  await sleep(CALM_MS);
  await client.delete(resources.tradingPipeline, { ...platform, name: 'rival' });
  client.close();
}
