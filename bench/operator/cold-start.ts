/** Measures a cold start: time and cost until every object and every status of the existing resources is written. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeObject } from '#controller/api/kube-object.ts';
import { type Figures, round, tell } from '../figures.ts';
import { startMeasured } from '../measured-process.ts';
import { type ClusterUnderBench, countObjects, readWrites, writesBetween } from './cluster-under-bench.ts';
import type { OperatorCase } from './operator-case.ts';

const QUIET_MS = 60_000;
const WATCH_SECONDS = 300;

interface ColdStartOptions {
  readonly count: number;
  /** Writes per second that the API server handles at most. */
  readonly limit: number;
}

export async function measureColdStart(
  cluster: ClusterUnderBench,
  operator: OperatorCase,
  { count, limit }: ColdStartOptions,
): Promise<Figures> {
  const { admin, server } = cluster;
  const before = await readWrites(admin);
  const follower = followResources(cluster, operator, count);
  await follower.ready;
  const startedAt = performance.now();
  const running = startMeasured(operator.command(server.kubeconfigs));
  try {
    await follower.done;
    await everyObjectIsThere(cluster, operator, count);
    const seconds = (performance.now() - startedAt) / 1_000;
    const usage = running.usage();
    const after = await readWrites(admin);
    tell(`${operator.name}: done after ${seconds.toFixed(1)} s; watching ${QUIET_MS / 1_000} quiet seconds`);
    await sleep(QUIET_MS);
    const quiet = running.usage();
    const writes = writesBetween(before, after);
    const sum = Object.values(writes).reduce((total, one) => total + one, 0);
    return {
      seconds: round(seconds),
      cpu_seconds: round(usage.cpuSeconds),
      peak_rss_mb: round(usage.peakRssMb, 1),
      rss_after_mb: round(quiet.rssMb, 1),
      anonymous_after_mb: round(quiet.anonymousMb, 1),
      writes_per_resource: round(sum / count),
      writes,
      writes_in_the_next_60_s: writesBetween(after, await readWrites(admin)),
      cpu_seconds_in_the_next_60_s: round(quiet.cpuSeconds - usage.cpuSeconds),
      write_limit_per_second: round(limit, 1),
      share_of_write_limit: round(sum / seconds / limit),
    };
  } finally {
    await running.stop();
  }
}

/**
 * Watches until the operator has handled `count` resources. Sends no requests while it watches, so it does not skew the
 * measurement.
 */
function followResources({ admin }: ClusterUnderBench, { resource, isDone }: OperatorCase, count: number) {
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  const follow = async () => {
    const { resourceVersion } = await admin.list(resource);
    resolve();
    const handled = new Set<string | undefined>();
    const watch = admin.watch<KubeObject>(resource, { resourceVersion, timeoutSeconds: WATCH_SECONDS });
    for await (const { object } of watch) {
      if (isDone(object)) handled.add(object.metadata.uid);
      if (handled.size === count) return;
    }
    throw new Error(`only ${handled.size} of ${count} ${resource.plural} were handled within ${WATCH_SECONDS} s`);
  };
  const done = follow();
  done.catch(() => undefined);
  return { ready, done };
}

async function everyObjectIsThere({ admin }: ClusterUnderBench, { objects, label }: OperatorCase, count: number) {
  for (const [resource, each] of objects) {
    const found = await countObjects(admin, resource, label);
    if (found !== each * count) throw new Error(`expected ${each * count} ${resource.plural}, found ${found}`);
  }
}
