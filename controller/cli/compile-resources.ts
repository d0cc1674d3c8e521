/**
 * Compiles TradingPipelines from files into the objects that the controller would apply. These resources compete for services
 * and dashboard names with each other and with the resources in the cluster; the oldest wins. A resource that is not in the
 * cluster counts as younger than every resource in the cluster, and as younger than the resource before it in the files. Pure.
 */
import type { KubeObject } from '../api/kube-object.ts';
import type { TradingPipeline } from '../api/trading-pipeline.ts';
import { compile } from '../compile/compile.ts';
import type { Rule } from '../compile/objects/generated-object.ts';
import { claimantOf, findLostServices, findQualifiedDashboards } from '../reconcile/claims/claims.ts';
import { keyOf } from '../reconcile/observed.ts';
import { type InputResource, splitProblem } from './documents/parse-resources.ts';
import { type InputProblem, parseFieldPath } from './documents/source-document.ts';

export interface CompiledResource {
  readonly resource: InputResource;
  /**
   * The TradingPipeline in the file. Its uid and creation time are those of the TradingPipeline with the same name in
   * the cluster, or placeholders if there is none.
   */
  readonly pipeline: TradingPipeline;
  readonly objects: readonly KubeObject[];
  /**
   * Problems that the schema does not find: services that an older TradingPipeline claims, and custom rules that are
   * invalid.
   */
  readonly problems: readonly InputProblem[];
}

interface Surroundings {
  /** The TradingPipelines in the cluster. */
  readonly inCluster?: readonly TradingPipeline[];
  /**
   * Returns the custom rules that the cluster contains for the TradingPipeline with this key. They replace custom rules
   * of the file if these are invalid.
   */
  readonly lastGoodRules?: (key: string) => readonly Rule[];
  /** If true, no dashboard gets the plain uid and title, because other resources of the same Grafana are unknown. */
  readonly qualifyDashboards?: boolean;
}

export function compileResources(
  resources: readonly InputResource[],
  { inCluster = [], lastGoodRules, qualifyDashboards }: Surroundings = {},
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
      qualifiedDashboards: qualifyDashboards ? new Set(own.dashboards) : findQualifiedDashboards(own, claimants),
      lastGoodRules: lastGoodRules?.(keyOf(pipeline)),
    });
    const problems = [
      ...lost.map(({ service, holder }) => ({
        path: `spec.services[name=${service}]`,
        message: `${service} is watched by the older TradingPipeline ${holder}; list each service in one resource only`,
      })),
      ...rejectedRules,
    ].map(({ path, message }) => reportProblem(resource, `${path}: ${message}`));
    return { resource, pipeline, objects: uidOf(pipeline) === '' ? objects.map(withoutOwner) : objects, problems };
  });
}

/**
 * Returns the uid if the API server assigned it, else an empty string. A placeholder uid must not appear in
 * ownerReferences.
 */
function uidOf({ metadata }: TradingPipeline): string {
  return metadata.uid?.startsWith(PLACEHOLDER) ? '' : (metadata.uid ?? '');
}

/** Prefix of the placeholder uids of TradingPipelines that are not in the cluster. */
const PLACEHOLDER = 'document-';

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
      uid: uid ?? `${PLACEHOLDER}${place}`,
      creationTimestamp: creationTimestamp ?? `9999-${String(place).padStart(6, '0')}`,
    },
  };
}

function withoutOwner(object: KubeObject): KubeObject {
  const { ownerReferences: _ownerReferences, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function reportProblem({ source, pipeline }: InputResource, text: string): InputProblem {
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
