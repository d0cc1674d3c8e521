/** The reconciler's writes, on a real API server. What was written goes into the caches at once. */
import type { KubeObject, ObjectName } from '../api/kube-object.ts';
import { generatedResources, resources } from '../api/resources.ts';
import type { TradingPipeline } from '../api/trading-pipeline.ts';
import { keepFingerprint, type ObservedObject, observeObject } from '../reconcile/observed.ts';
import { type ClusterWriter, Refusal } from '../reconcile/ports.ts';
import type { ApplyOptions, KubeClient } from './kube-client.ts';
import { isConflict, isNotFound, KubeError } from './kube-error.ts';

export interface WriterCaches {
  /** Puts what the API server answered into the cache of its kind. */
  put(object: KubeObject): void;
  /**
   * Called before a write of the object, and what it gives back with the answer, if there is one: whose doing it was that the
   * watch tells of meanwhile is known only then.
   */
  beginWrite(object: KubeObject): (answer?: KubeObject) => void;
  remove(object: ObservedObject): void;
}

export function createClusterWriter(client: KubeClient, caches: WriterCaches): ClusterWriter {
  async function apply(object: KubeObject, options: ApplyOptions = {}): Promise<ObservedObject> {
    const endWrite = caches.beginWrite(object);
    let applied: KubeObject | undefined;
    try {
      applied = await client.apply(resourceOfKind(object.kind), object, options);
      keepFingerprint(object, applied);
      caches.put(applied);
      return observeObject(applied);
    } catch (error) {
      throw isRefusal(error) ? new Refusal(error.message, { cause: error }) : error;
    } finally {
      endWrite(applied);
    }
  }

  return {
    async nameHolder(kind: string, at: ObjectName): Promise<KubeObject | undefined> {
      try {
        return await client.get(resourceOfKind(kind), { namespace: at.namespace, name: at.name });
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },

    apply: (object) => apply(object),

    async applyNew(object: KubeObject): Promise<ObservedObject | undefined> {
      try {
        return await apply(object, { mustBeNew: true });
      } catch (error) {
        if (isConflict(error)) return undefined;
        throw error;
      }
    },

    async delete(object: ObservedObject): Promise<void> {
      const { uid, resourceVersion } = object;
      try {
        await client.delete(resourceOfKind(object.kind), object, { uid, resourceVersion });
      } catch (error) {
        if (isConflict(error)) return;
        if (!isNotFound(error)) throw error;
      }
      caches.remove(object);
    },

    async applyStatus(pipeline: TradingPipeline): Promise<void> {
      try {
        caches.put(await client.applyStatus(resources.tradingPipeline, pipeline));
      } catch (error) {
        // Deleted meanwhile: there is nobody left to tell.
        if (!isNotFound(error)) throw error;
      }
    },
  };
}

function resourceOfKind(kind: string) {
  const resource = generatedResources.find((one) => one.kind === kind);
  if (!resource)
    throw new Error(`the controller does not write objects of kind ${kind}: add it to resources.ts and to rbac.yaml`);
  return resource;
}

/** Another try will not help until somebody changes something: the request was understood and turned down. */
function isRefusal(error: unknown): error is KubeError {
  return error instanceof KubeError && [400, 403, 413, 422].includes(error.code);
}
