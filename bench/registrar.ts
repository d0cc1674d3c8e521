/**
 * Measures what 1,000 declared pipelines cost the operator, with a real backend and Postgres. The operator compares the
 * declared pipelines with the pipelines in the backend again and again: the first comparison registers all of them,
 * later ones find no difference. Prints one JSON line. See docs/benchmarks.md.
 *
 *     node bench/registrar.ts [--pipelines=1000]
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { DECLARED_PIPELINES_PATH, declaredPipelineId } from '#catalogue/declared-pipelines.ts';
import { resources } from '#controller/api/kube-object.ts';
import type { TradingPipeline } from '#controller/api/trading-pipeline.ts';
import { PipelineRegistrar } from '#controller/backend/pipeline-registrar.ts';
import { startBackendUnderTest } from '../test/operator/backend-under-test.ts';
import { describeMachine, printCase, readCount, round, tell } from './figures.ts';

const ROUNDS = 20;
const EVERY_MS = 500;
const NAMESPACE = 'bench';
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

const { values } = parseArgs({ options: { pipelines: { type: 'string', default: '1000' } } });
const count = readCount('pipelines', values.pipelines);

const { apiVersion, kind } = resources.tradingPipeline;
const declaring = Array.from({ length: count }, (_, index): TradingPipeline => {
  const trigger = { mode: 'signal', signals: [{ type: 'golden_cross', timeframe: '1h', minConfidence: 70 }] } as const;
  const pipeline = { trigger, tickers: ['BTCUSDT', 'ETHUSDT'], budget: { dailyUsd: 5 } };
  return {
    apiVersion,
    kind,
    metadata: { namespace: NAMESPACE, name: `tp-${index}` },
    spec: { pipeline },
  } as TradingPipeline;
});

const machine = describeMachine();
const backend = await startBackendUnderTest();
const delay = monitorEventLoopDelay({ resolution: 1 });
let asked = 0;
let onAsked = () => {};
tell(`registering ${count} pipelines`);
const startedAt = performance.now();
const registrar = new PipelineRegistrar({
  client: backend.client(),
  everyMs: EVERY_MS,
  log: silent,
  resources: () => declaring,
  mayTell: () => true,
  onTold: () => {},
  onAsked: () => onAsked(),
});
registrar.start();
try {
  await untilRegistered();
  const firstSeconds = (performance.now() - startedAt) / 1_000;
  tell(`registered after ${firstSeconds.toFixed(1)} s; watching ${ROUNDS} rounds`);
  delay.enable();
  const cpu = process.cpuUsage();
  await countRounds();
  const { user, system } = process.cpuUsage(cpu);
  delay.disable();
  printCase(
    'registrar',
    'quiet',
    {
      pipelines: count,
      first_round_seconds: round(firstSeconds),
      bytes_a_round: await countBytes(),
      cpu_ms_a_round: round((user + system) / 1_000 / ROUNDS, 1),
      longest_turn_ms: round(delay.max / 1e6, 1),
      machine,
    },
    { backend: 'a process of its own with a Postgres of its own', event_loop_resolution_ms: 1 },
  );
} finally {
  await registrar.stop();
  await backend.end();
}

async function untilRegistered(): Promise<void> {
  const last = declaredPipelineId({ namespace: NAMESPACE, name: `tp-${count - 1}` });
  const isThere = () => {
    const view = registrar.view;
    return view.state === 'answered' && view.pipelines.size === count && view.pipelines.has(last);
  };
  while (!isThere()) await new Promise((resolve) => setTimeout(resolve, 20));
}

function countRounds(): Promise<void> {
  return new Promise((resolve) => {
    onAsked = () => {
      asked += 1;
      if (asked === ROUNDS) resolve();
    };
  });
}

/** Returns the size of the backend's response that each comparison reads, in bytes. */
async function countBytes(): Promise<number> {
  const headers = { authorization: `Bearer ${backend.token}` };
  const response = await fetch(`${backend.api}${DECLARED_PIPELINES_PATH}`, { headers });
  return (await response.arrayBuffer()).byteLength;
}
