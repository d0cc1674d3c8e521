/** Registers the pipelines of all resources, and has looked at again those whose status the backend's answer makes old. */

import type { Log } from '#base/log.ts';
import { parseDeclaredPipelineId } from '#catalogue/declared-pipelines.ts';
import { objectKey } from '../api/kube-object.ts';
import type { TradingPipeline } from '../api/trading-pipeline.ts';
import type { BackendClient } from '../backend/backend-client.ts';
import { PipelineRegistrar } from '../backend/pipeline-registrar.ts';
import type { BackendView } from '../reconcile/registration/backend-view.ts';
import { pipelineIdOf, type WantedPipeline, wantedPipelineOf } from '../reconcile/registration/plan-declarations.ts';
import { awaitFirstAnswer } from './first-answer.ts';

export interface BackendOptions {
  readonly client: BackendClient;
  /** Between two questions. Default 15 s. */
  readonly everyMs?: number;
}

export interface BackendWatch {
  view(): BackendView;
  /** Whether there is nothing to wait for before the first status is written. */
  settled(): boolean;
  /** A resource has changed, or this process may write now. */
  wake(): void;
  /** This process may not write any more. */
  breakOff(): void;
  stop(): Promise<void>;
}

export interface BackendWatchParts {
  readonly log: Log;
  /** All namespaces when absent. */
  readonly namespaces?: readonly string[] | undefined;
  readonly resources: () => Iterable<TradingPipeline>;
  /** Whether all resources are known, and this process is the one that writes. */
  readonly mayTell: () => boolean;
  /** After each question: any status may be old. */
  readonly onAsked: () => void;
  /** What was told to the backend makes the status of these old. */
  readonly onTold: (keys: readonly string[]) => void;
}

export function startBackendWatch(options: BackendOptions | undefined, parts: BackendWatchParts): BackendWatch {
  const nothing = { settled: () => true, wake: () => {}, breakOff: () => {}, stop: async () => {} };
  if (!options) return { ...nothing, view: () => ({ state: 'notConfigured' }) };
  const { log, namespaces, resources, mayTell, onAsked, onTold } = parts;
  const registrar = new PipelineRegistrar({
    ...options,
    wanted: () => collectWanted(resources()),
    mayTell,
    watches: (namespace) => !namespaces || namespaces.includes(namespace),
    onAsked: (error) => {
      if (error) log.warn({ error: error.message }, 'the backend does not answer');
      onAsked();
    },
    onTold: (ids) => {
      log.info({ pipelines: ids.length, first: ids[0] }, 'told the backend what resources declare');
      onTold(ids.map((id) => objectKey(parseDeclaredPipelineId(id))));
    },
  });
  registrar.start();
  return {
    view: () => registrar.view,
    settled: awaitFirstAnswer(() => registrar.view),
    wake: () => registrar.wake(),
    breakOff: () => registrar.breakOff(),
    stop: () => registrar.stop(),
  };
}

function collectWanted(resources: Iterable<TradingPipeline>): Map<string, WantedPipeline> {
  const wanted = new Map<string, WantedPipeline>();
  for (const resource of resources) {
    const pipeline = wantedPipelineOf(resource);
    if (pipeline) wanted.set(pipelineIdOf(resource), pipeline);
  }
  return wanted;
}
