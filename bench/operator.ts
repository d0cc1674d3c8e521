/**
 * Measures the time, CPU and memory of an operator's cold start with 1,000 resources (TradingPipelines, or the
 * PrometheusServiceLevels of Sloth) of two objectives each. Each case has its own process and its own API server. One
 * JSON line per case. See docs/benchmarks.md.
 *
 *     node bench/operator.ts [rules|full …] [--resources=1000] [--with-sloth=BINARY --sloth-crd=FILE]
 */
import { parseArgs } from 'node:util';
import { describeMachine, type Figures, printCase, readCount, tell } from './figures.ts';
import { fillCluster, measureWriteLimit, startCluster } from './operator/cluster-under-bench.ts';
import { measureColdStart } from './operator/cold-start.ts';
import { measureNewWhileResync } from './operator/new-while-resync.ts';
import type { OperatorCase } from './operator/operator-case.ts';
import { ownCaseNames, prepareOwnCases } from './operator/own-cases.ts';
import { buildSlothCase } from './operator/sloth-case.ts';

async function runCase(operator: OperatorCase, count: number, isOurs: boolean): Promise<Figures> {
  const machine = describeMachine();
  const cluster = await startCluster();
  try {
    tell(`${operator.name}: making ${count} ${operator.resource.plural}`);
    await fillCluster(cluster, operator, count);
    const limit = await measureWriteLimit(cluster.admin);
    tell(`${operator.name}: the API server takes ${limit.toFixed(0)} writes of a rule a second`);
    const cold = await measureColdStart(cluster, operator, { count, limit });
    const during = isOurs ? await measureNewWhileResync(cluster, operator, count) : {};
    return { resources: count, ...cold, ...during, machine };
  } finally {
    await cluster.stop();
  }
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    resources: { type: 'string', default: '1000' },
    'with-sloth': { type: 'string' },
    'sloth-crd': { type: 'string' },
  },
});
const count = readCount('resources', values.resources);
const sloth = values['with-sloth'];
const crd = values['sloth-crd'];
if (sloth && !crd)
  throw new Error('--sloth-crd: expected the file of the CRD that belongs to the binary of --with-sloth');

const own = await prepareOwnCases(positionals.length > 0 ? positionals : ownCaseNames);
const conditions = { api_server: 'of its own, with etcd, on the same machine', objectives_each: 2 };
for (const operator of own) printCase('operator', operator.name, await runCase(operator, count, true), conditions);
if (sloth && crd) printCase('operator', 'sloth', await runCase(buildSlothCase(sloth, crd), count, false), conditions);
