import type { KubeObject, ObjectName } from '#controller/api/kube-object.ts';
import type { Resource } from '#controller/api/resources.ts';
import { isConflict } from '#controller/kube/kube-error.ts';
import type { StackUnderTest } from '../observe/stack-under-test.ts';
import type { Heal } from './heal.ts';

/**
 * Changes the spec of an object as its user would with an editor; healed, it is what it was. Not applied: what another manager
 * has put into a list would stay there.
 */
export async function editSpec(
  stack: StackUnderTest,
  resource: Resource,
  at: ObjectName,
  edit: (spec: object) => object,
): Promise<Heal> {
  const client = stack.kube();
  /** Answers the spec that was there. */
  const replace = async (build: (spec: object) => object): Promise<object> => {
    const object = await client.get<KubeObject>(resource, at);
    const spec = object.spec as object;
    try {
      await client.replace(resource, { ...object, spec: build(spec) });
      return spec;
    } catch (error) {
      // its status was written in between
      if (!isConflict(error)) throw error;
      return replace(build);
    }
  };
  const before = await replace(edit);
  return async () => {
    await replace(() => before);
    client.close();
  };
}
