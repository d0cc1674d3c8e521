import type { ObjectMeta } from '../../api/kube-object.ts';
import { API_VERSION, FIELD_MANAGER, KIND, labels, PART_OF } from '../../api/names.ts';

/** The TradingPipeline an object is generated for. */
export interface Owner {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** That it gives to all that is made for it. */
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * Names, labels and owner of a generated object. A suffix follows a dot and has none itself, so that no two resources
 * can mean the same name: `a.b-c` is not `a-b.c`.
 */
export function buildObjectMeta(
  owner: Owner,
  suffix: string | undefined,
  extraLabels: Readonly<Record<string, string>> = {},
): ObjectMeta {
  return {
    name: suffix === undefined ? owner.name : `${owner.name}.${suffix}`,
    namespace: owner.namespace,
    labels: {
      ...owner.labels,
      ...extraLabels,
      [labels.managedBy]: FIELD_MANAGER,
      [labels.partOf]: PART_OF,
      [labels.pipeline]: owner.name,
    },
    ownerReferences: [
      {
        apiVersion: API_VERSION,
        kind: KIND,
        name: owner.name,
        uid: owner.uid,
        controller: true,
        blockOwnerDeletion: false,
      },
    ],
  };
}
