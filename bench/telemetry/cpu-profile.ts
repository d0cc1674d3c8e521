/** Reads the CPU profiles of services: the share of CPU time that goes to traces, to metrics, and to the service itself. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceName } from '#catalogue/services.ts';

interface CpuProfile {
  readonly nodes: readonly { id: number; callFrame: { url: string; functionName: string }; children?: number[] }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/**
 * Reads the profile that a service wrote, and returns the share of CPU of each part of the code. A sample counts for the
 * topmost file of its stack, so the work inside Node counts for its caller.
 * @throws Error if the folder has no profile of the service
 */
export function readProfile(folder: string, name: ServiceName): Record<string, number> {
  const file = readdirSync(folder).find((entry) => entry === `${name}.cpuprofile`);
  if (!file) throw new Error(`${name} wrote no profile into ${folder}`);
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as CpuProfile;
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const micros: Record<string, number> = {};
  let total = 0;
  for (const [index, sample] of samples.entries()) {
    const spent = timeDeltas[index] ?? 0;
    if (frames.get(sample)?.functionName === '(idle)') continue;
    total += spent;
    let node: number | undefined = sample;
    while (node !== undefined && !frames.get(node)?.url.startsWith('file:')) node = parents.get(node);
    const part = partOf(node === undefined ? '' : (frames.get(node)?.url ?? ''));
    micros[part] = (micros[part] ?? 0) + spent;
  }
  return Object.fromEntries(Object.entries(micros).map(([part, spent]) => [part, spent / total]));
}

function partOf(url: string): string {
  if (/kit\/telemetry\/traces|opentelemetry\/(sdk-trace|context-async-hooks|core)/.test(url)) return 'traces';
  if (/kit\/telemetry|opentelemetry|prom-client/.test(url)) return 'metrics';
  return 'work';
}
