/**
 * The parts of a TradingPipeline that decide what happens to it: key, owner reference, pause annotation, spec. Pure, except for
 * a cache of parsed specs.
 */
import { objectKey } from '../api/kube-object.ts';
import { annotations } from '../api/names.ts';
import { type ParsedSpec, parseTradingPipelineSpec, type TradingPipeline } from '../api/trading-pipeline.ts';
import type { Owner } from '../compile/objects/object-meta.ts';

/** Parsed specs, keyed by the object in the cache. A new version of the resource is a new object, so it is parsed again. */
const specs = new WeakMap<TradingPipeline, ParsedSpec>();

export function parsedSpec(resource: TradingPipeline): ParsedSpec {
  const known = specs.get(resource) ?? parseTradingPipelineSpec(resource.spec);
  specs.set(resource, known);
  return known;
}

/** Returns the key of a resource in queues and caches: `namespace/name`. */
export function keyOf(resource: TradingPipeline): string {
  return objectKey(resource.metadata);
}

export function ownerOf({ metadata }: TradingPipeline): Owner {
  return { namespace: metadata.namespace ?? '', name: metadata.name, uid: metadata.uid ?? '' };
}

/** Returns whether the pause annotation tells the controller to write no objects for the resource. */
export function isPaused({ metadata }: TradingPipeline): boolean {
  return metadata.annotations?.[annotations.paused] === 'true';
}
