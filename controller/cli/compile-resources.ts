/**
 * Resources of files → what the controller would apply for them, in the company of each other and of those in a cluster. Pure.
 * A resource that is not in the cluster yet is younger than all that are, and younger than the one before it in the files.
 */
import type { KubeObject } from '../api/kube-object.ts';
import type { TradingPipeline } from '../api/trading-pipeline.ts';
import { compile } from '../compile/compile.ts';
import type { Rule } from '../compile/objects/rule-group.ts';
import { claimantOf, findLostServices, findQualifiedDashboards } from '../reconcile/claims/claims.ts';
import { keyOf } from '../reconcile/parsed-resource.ts';
import { parseFieldPath } from './documents/field-path.ts';
import { type InputResource, splitProblem } from './documents/parse-resources.ts';
import type { InputProblem } from './documents/source-document.ts';

export interface CompiledResource {
  readonly resource: InputResource;
  /** As it would be in the cluster: with the uid and age of the one that is there. */
  readonly pipeline: TradingPipeline;
  readonly objects: readonly KubeObject[];
  /** What would be wrong with it in the cluster although its schema is right. */
  readonly problems: readonly InputProblem[];
}

export interface Surroundings {
  /** TradingPipelines of the cluster. */
  readonly inCluster?: readonly TradingPipeline[];
  /** The user's own rules as they are in the cluster, by key of the resource. */
  readonly lastGoodRules?: (key: string) => readonly Rule[];
}

export function compileResources(
  resources: readonly InputResource[],
  { inCluster = [], lastGoodRules }: Surroundings = {},
): CompiledResource[] {
  const placed = resources.map((resource, place) => ({ resource, pipeline: placeInTime(resource, place, inCluster) }));
  const replaced = new Set(placed.map(({ pipeline }) => keyOf(pipeline)));
  const others = inCluster.filter((pipeline) => !replaced.has(keyOf(pipeline)));
  const claimants = [...others, ...placed.map(({ pipeline }) => pipeline)].map(claimantOf);
  return placed.map(({ resource, pipeline }) => {
    const own = claimantOf(pipeline);
    const lost = findLostServices(own, claimants);
    const { objects, rejectedRules } = compile({
      owner: {
        namespace: own.resource.metadata.namespace ?? '',
        name: own.resource.metadata.name,
        uid: uidOf(pipeline),
      },
      spec: resource.spec,
      lostServices: new Set(lost.map(({ service }) => service)),
      qualifiedDashboards: findQualifiedDashboards(own, claimants),
      lastGoodRules: lastGoodRules?.(keyOf(pipeline)),
    });
    const problems = [
      ...lost.map(({ service, holder }) => ({
        path: `spec.services[name=${service}]`,
        message: `${service} is watched by the older TradingPipeline ${holder}; list each service in one resource`,
      })),
      ...rejectedRules,
    ].map(({ path, message }) => reportProblem(resource, `${path}: ${message}`));
    return { resource, pipeline, objects: uidOf(pipeline) === '' ? objects.map(withoutOwner) : objects, problems };
  });
}

/** Only a uid that a server gave; the one made up below is no name for an owner. */
function uidOf({ metadata }: TradingPipeline): string {
  return metadata.uid?.startsWith(MADE_UP) ? '' : (metadata.uid ?? '');
}

const MADE_UP = 'document-';

function placeInTime(
  { pipeline }: InputResource,
  place: number,
  inCluster: readonly TradingPipeline[],
): TradingPipeline {
  const living = inCluster.find((one) => keyOf(one) === keyOf(pipeline));
  const { uid = pipeline.metadata.uid, creationTimestamp = pipeline.metadata.creationTimestamp } =
    living?.metadata ?? {};
  return {
    ...pipeline,
    metadata: {
      ...pipeline.metadata,
      uid: uid ?? `${MADE_UP}${place}`,
      creationTimestamp: creationTimestamp ?? `9999-${String(place).padStart(6, '0')}`,
    },
  };
}

function withoutOwner(object: KubeObject): KubeObject {
  const { ownerReferences: _ownerReferences, ...metadata } = object.metadata;
  return { ...object, metadata };
}

export function reportProblem({ source, pipeline }: InputResource, text: string): InputProblem {
  const { path, message } = splitProblem(text);
  return {
    file: source.file,
    document: source.index,
    resource: keyOf(pipeline),
    path,
    message,
    ...source.locate(parseFieldPath(path, source.value)),
  };
}
