import type { KubeObject, ObjectName } from '#controller/api/kube-object.ts';
import type { Resource } from '#controller/api/resources.ts';
import type { StackUnderTest } from '../stack/stack-under-test.ts';
import type { Heal } from './heal.ts';

/** Changes the spec of an object as its user would; healed, it is what it was. */
export async function editSpec(
  stack: StackUnderTest,
  resource: Resource,
  { namespace, name }: ObjectName,
  edit: (spec: object) => object,
): Promise<Heal> {
  const at = { namespace, name };
  const client = stack.kube();
  const { spec } = await client.get<KubeObject>(resource, at);
  const { apiVersion, kind } = resource;
  const apply = (edited: unknown) =>
    client.apply(resource, { apiVersion, kind, metadata: at, spec: edited } as KubeObject);
  await apply(edit(spec as object));
  return async () => {
    await apply(spec);
    client.close();
  };
}
