/** Which pipelines must be looked at again when something in the cluster changes. Pure. */
import { objectKey } from '../api/kube-object.ts';
import { annotations } from '../api/names.ts';
import type { TradingPipeline } from '../api/trading-pipeline.ts';
import { serviceSelector } from '../compile/objects/service-monitor.ts';
import type { ObservedService } from './observed.ts';
import { claimantOf, parsedSpec } from './registration/pipeline-registry.ts';
import { isSelected } from './claims/resolve-services.ts';

/** Whether its user asked for nothing to be written. */
export function isPaused({ metadata }: TradingPipeline): boolean {
  return metadata.annotations?.[annotations.paused] === 'true';
}

export function keyOf(pipeline: TradingPipeline): string {
  return objectKey(pipeline.metadata);
}

/** Whether a change of a pipeline is more than one of its status. */
export function isAskedAnew(before: TradingPipeline | undefined, after: TradingPipeline | undefined): boolean {
  const { uid, generation, deletionTimestamp } = before?.metadata ?? {};
  const now = after?.metadata;
  return (
    !before ||
    !after ||
    uid !== now?.uid ||
    generation !== now?.generation ||
    isPaused(before) !== isPaused(after) ||
    deletionTimestamp !== now?.deletionTimestamp
  );
}

/** Pipelines whose services select this Service. */
export function pipelinesOfService(service: ObservedService, pipelines: Iterable<TradingPipeline>): string[] {
  const keys: string[] = [];
  for (const pipeline of pipelines) {
    const result = parsedSpec(pipeline);
    if (pipeline.metadata.namespace !== service.namespace || !('spec' in result)) continue;
    const selects = (result.spec.services ?? []).some((spec) => isSelected(service.labels, serviceSelector(spec)));
    if (selects) keys.push(keyOf(pipeline));
  }
  return keys;
}

/** Other pipelines that ask for something this one asks for: who has it may have changed. */
export function rivalsOf(pipeline: TradingPipeline, pipelines: Iterable<TradingPipeline>): string[] {
  const own = claimantOf(pipeline);
  const keys: string[] = [];
  for (const other of pipelines) {
    if (other.metadata.uid === pipeline.metadata.uid) continue;
    const rival = claimantOf(other);
    const sameNamespace = other.metadata.namespace === pipeline.metadata.namespace;
    const sharesService = sameNamespace && rival.services.some((service) => own.services.includes(service));
    if (sharesService || rival.dashboards.some((name) => own.dashboards.includes(name))) keys.push(keyOf(other));
  }
  return keys;
}
