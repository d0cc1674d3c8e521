/**
 * Implements ClusterWriter, a port of the reconciler, with requests to an API server. Every response is put into the
 * caches at once, before the watch event of the write arrives.
 */
import { generatedResources, type KubeObject, type ObjectName, resources } from '../api/kube-object.ts';
import type { TradingPipeline } from '../api/trading-pipeline.ts';
import { contentOf, keepFingerprint, type ObservedObject } from '../reconcile/observed.ts';
import { Refusal } from '../reconcile/plan/execute-plan.ts';
import type { ClusterWriter } from '../reconcile/ports.ts';
import type { ApplyOptions, KubeClient, PatchOperation } from './kube-client.ts';
import { isConflict, isNotFound, KubeError } from './kube-error.ts';

/** The methods of the caches that the cluster writer calls. */
export interface WriterCaches {
  /** Puts an object from a response of the API server into the cache of the object's kind. */
  put(object: KubeObject): void;
  /**
   * Called before an object is written. Call the returned function when the write has ended, with the written object if
   * the write succeeded. Only then is it known which of the watch events that arrived during the write are echoes of
   * this write.
   */
  beginWrite(object: KubeObject): (answer?: KubeObject) => void;
  remove(object: ObservedObject): void;
}

export function createClusterWriter(client: KubeClient, caches: WriterCaches): ClusterWriter {
  async function write(object: KubeObject, request: () => Promise<KubeObject>): Promise<KubeObject> {
    const endWrite = caches.beginWrite(object);
    let answer: KubeObject | undefined;
    try {
      answer = await request();
      keepFingerprint(object, answer);
      caches.put(answer);
      return answer;
    } catch (error) {
      throw isRefusal(error) ? new Refusal(error.message, { cause: error }) : error;
    } finally {
      endWrite(answer);
    }
  }

  const apply = (object: KubeObject, options: ApplyOptions = {}) =>
    write(object, () => client.apply(descriptorOf(object.kind), object, options));

  return {
    async nameHolder(kind: string, at: ObjectName): Promise<KubeObject | undefined> {
      try {
        return await client.get(descriptorOf(kind), { namespace: at.namespace, name: at.name });
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },

    apply: (object) => apply(object),

    takeBack(object: KubeObject, live: KubeObject): Promise<KubeObject> {
      const { namespace, name } = object.metadata;
      const at = { namespace, name, resourceVersion: live.metadata.resourceVersion ?? '' };
      return write(object, () => client.patch(descriptorOf(object.kind), at, planTakeBack(object, live)));
    },

    async applyNew(object: KubeObject): Promise<KubeObject | undefined> {
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
        await client.delete(descriptorOf(object.kind), object, { uid, resourceVersion });
      } catch (error) {
        if (isConflict(error)) return;
        if (!isNotFound(error)) throw error;
      }
      caches.remove(object);
    },

    async applyStatus(resource: TradingPipeline): Promise<void> {
      try {
        caches.put(await client.applyStatus(resources.tradingPipeline, resource));
      } catch (error) {
        // If the TradingPipeline is not found, it was deleted meanwhile, and its status no longer matters.
        if (!isNotFound(error)) throw error;
      }
    },
  };
}

/**
 * Plans the patch that leaves of each part of the object only what `object` has. An apply cannot do so: it removes only fields
 * that we own. The values are those that we have just applied, so the patch makes us the owner of no further field.
 */
function planTakeBack(object: KubeObject, live: KubeObject): PatchOperation[] {
  const wanted = contentOf(object);
  const owners: PatchOperation = {
    op: 'replace',
    path: '/metadata/ownerReferences',
    value: object.metadata.ownerReferences,
  };
  const parts = Object.keys(contentOf(live)).map((part): PatchOperation => {
    if (Object.hasOwn(wanted, part)) return { op: 'replace', path: `/${part}`, value: wanted[part] };
    return { op: 'remove', path: `/${part}` };
  });
  return object.metadata.ownerReferences ? [...parts, owners] : parts;
}

function descriptorOf(kind: string) {
  const descriptor = generatedResources.find((one) => one.kind === kind);
  if (!descriptor)
    throw new Error(
      `the controller cannot write objects of kind ${kind}: add it to generatedResources in api/kube-object.ts, and to rbac.yaml`,
    );
  return descriptor;
}

/**
 * Returns whether the API server understood the request and rejected it. Then a retry fails as well, until somebody
 * changes the object or the cluster.
 */
function isRefusal(error: unknown): error is KubeError {
  return error instanceof KubeError && [400, 403, 413, 422].includes(error.code);
}
