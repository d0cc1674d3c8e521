import { generatedResources, type KubeObject, resources } from '../../api/kube-object.ts';
import { labels } from '../../api/names.ts';
import type { TradingPipeline, TradingPipelineSpec } from '../../api/trading-pipeline.ts';
import { findCustomRules } from '../../compile/objects/prometheus-rule.ts';
import type { KubeClient } from '../../kube/kube-client.ts';
import { isNotFound, KubeError } from '../../kube/kube-error.ts';
import { contentOf, keyOf, observeObject } from '../../reconcile/observed.ts';
import { findAdditions } from '../../reconcile/plan/differences.ts';
import { keyOfObject, type PlannedApply, plan, planKey } from '../../reconcile/plan/plan.ts';
import { type CommandIo, type ExitCode, exitCodes, type OutputFormat, printValue } from '../command-io.ts';
import { type CompiledResource, compileResources } from '../compile-resources.ts';
import { diffObjects, type ObjectChange } from '../diff-objects.ts';
import { readResources } from '../documents/read-resources.ts';
import { formatProblem } from '../documents/source-document.ts';
import { type KubeOptions, readGenerated, withKubeClient } from '../open-kube-client.ts';

export interface DiffOptions extends KubeOptions {
  readonly namespace: string;
  /** Output format. Prints unified diffs if absent. */
  readonly output?: OutputFormat;
}

/** Prints what the controller would change in the cluster if these files were applied. The command itself changes nothing. */
export async function handleDiff(files: readonly string[], options: DiffOptions, io: CommandIo): Promise<ExitCode> {
  const { resources: found, problems } = await readResources(files, io, options.namespace);
  const { changes, wrong } = await withKubeClient(options, async (client) => {
    const inCluster = (await client.list<TradingPipeline>(resources.tradingPipeline)).items;
    const namespaces = new Set(found.map(({ pipeline }) => pipeline.metadata.namespace ?? ''));
    const live = (await Promise.all([...namespaces].map((one) => readGenerated(client, one)))).flat();
    const compiled = compileResources(found, {
      inCluster,
      lastGoodRules: (key) => generatedFor(key, live).flatMap(findCustomRules),
    });
    const changes = await Promise.all(compiled.map((one) => readChanges(client, one, live)));
    return { changes: changes.flat(), wrong: compiled.flatMap((one) => one.problems) };
  });
  const all = [...problems, ...wrong];
  for (const problem of all) io.err(formatProblem(problem));
  if (options.output) io.out(printValue({ changes }, options.output));
  else for (const change of changes) io.out(formatChange(change));
  if (all.length > 0) return exitCodes.failed;
  return changes.length > 0 ? exitCodes.wrong : exitCodes.ok;
}

function generatedFor(key: string, live: readonly KubeObject[]): KubeObject[] {
  return live.filter(({ metadata }) => {
    const name = metadata.labels?.[labels.pipeline];
    return key === `${metadata.namespace}/${name}`;
  });
}

async function readChanges(
  client: KubeClient,
  { pipeline, objects }: CompiledResource,
  live: readonly KubeObject[],
): Promise<ObjectChange[]> {
  const own = generatedFor(keyOf(pipeline), live);
  const byKey = new Map(own.map((object) => [keyOfObject(object), object]));
  const ownerUid = pipeline.metadata.uid ?? '';
  const { foreignFields } = pipeline.spec as Partial<TradingPipelineSpec>;
  const observed = own.map(observeObject);
  const planned = plan({ ownerUid, desired: objects, observed, settled: new Map(), foreignFields });
  const applied = planned.apply.map((one) =>
    one.actual ? readUpdate(client, one, byKey.get(keyOfObject(one.object))) : readCreation(client, one.object),
  );
  const deleted = planned.delete.map((object) => diffObjects(byKey.get(planKey(object)), undefined));
  const changes = [...(await Promise.all(applied)), ...planned.foreign.map(conflictOf), ...deleted];
  return changes.filter((change) => change !== undefined);
}

/**
 * Returns the change for an object that the controller has not created yet: its creation, or a conflict if another
 * object already has the name. The controller leaves that other object alone.
 */
async function readCreation(client: KubeClient, object: KubeObject): Promise<ObjectChange | undefined> {
  try {
    await client.get(resourceOfKind(object.kind), object.metadata);
    return conflictOf(object);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return diffObjects(undefined, object);
  }
}

/**
 * Asks the API server for a dry run of the apply, because only the server knows its defaults and the fields that other
 * managers have set.
 */
async function readUpdate(
  client: KubeClient,
  { object, keepsAdditions }: PlannedApply,
  live: KubeObject | undefined,
): Promise<ObjectChange | undefined> {
  const applied = await client.apply(resourceOfKind(object.kind), object, { dryRun: true }).catch((error: unknown) => {
    const { kind, metadata } = object;
    if (!(error instanceof KubeError)) throw error;
    const { code, reason } = error;
    throw new KubeError({ message: `${kind} ${metadata.name} would be refused: ${error.message}`, code, reason });
  });
  return diffObjects(live, keepsAdditions ? applied : takeBack(object, applied));
}

/** Returns the object without the fields of other field managers, which the controller removes after the apply. */
function takeBack(wanted: KubeObject, applied: KubeObject): KubeObject {
  if (findAdditions(wanted, applied).every(({ manager }) => manager === undefined)) return applied;
  const { apiVersion, kind, metadata } = applied;
  const { ownerReferences = metadata.ownerReferences } = wanted.metadata;
  return {
    apiVersion,
    kind,
    ...contentOf(wanted),
    metadata: { ...metadata, ...(ownerReferences && { ownerReferences }) },
  };
}

function conflictOf({ kind, metadata }: KubeObject): ObjectChange {
  return { change: 'conflict', kind, namespace: metadata.namespace ?? '', name: metadata.name, diff: '' };
}

function formatChange({ change, kind, namespace, name, diff }: ObjectChange): string {
  if (change !== 'conflict') return diff;
  return `${kind} ${namespace}/${name} exists and was not made for this resource: it would stay unchanged (NameTaken)\n`;
}

function resourceOfKind(kind: string) {
  const resource = generatedResources.find((one) => one.kind === kind);
  if (!resource) throw new Error(`kind: expected a kind that the controller generates, got ${kind}`);
  return resource;
}
