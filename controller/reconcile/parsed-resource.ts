/**
 * The parts of a TradingPipeline that decide what happens to it: key, owner reference, pause annotation, spec. Pure, except
 * that each spec is parsed once and remembered.
 */
import { objectKey } from '../api/kube-object.ts';
import { annotations } from '../api/names.ts';
import { type ParsedSpec, parseTradingPipelineSpec, type TradingPipeline } from '../api/trading-pipeline.ts';
import type { Owner } from '../compile/objects/object-meta.ts';

/** Keyed by the object that the cache holds: a new version of the resource is a new object, and is parsed again. */
const specs = new WeakMap<TradingPipeline, ParsedSpec>();

export function parsedSpec(resource: TradingPipeline): ParsedSpec {
  const known = specs.get(resource) ?? parseTradingPipelineSpec(resource.spec);
  specs.set(resource, known);
  return known;
}

/** `namespace/name`, as queues and caches use it. */
export function keyOf(resource: TradingPipeline): string {
  return objectKey(resource.metadata);
}

export function ownerOf({ metadata }: TradingPipeline): Owner {
  return { namespace: metadata.namespace ?? '', name: metadata.name, uid: metadata.uid ?? '' };
}

/** True if the annotation asks the controller to write no objects for the resource. */
export function isPaused({ metadata }: TradingPipeline): boolean {
  return metadata.annotations?.[annotations.paused] === 'true';
}
