import type { KubeObject, Resource } from '#controller/api/kube-object.ts';
import type { Command } from '../measured-process.ts';

/**
 * An operator under measurement: the resources it handles, and how to tell that the operator has handled a resource.
 */
export interface OperatorCase {
  readonly name: string;
  /** Kind of the resources that the operator's users write. */
  readonly resource: Resource;
  /** YAML files, or folders of YAML files, applied first. */
  readonly manifests: readonly string[];
  /** Objects that exist once, however many resources there are. They are created before the first resource. */
  readonly surroundings: readonly KubeObject[];
  /** Returns the objects that are created together with the resource of this index. */
  readonly beside: (index: number) => readonly KubeObject[];
  readonly build: (index: number) => KubeObject;
  readonly isDone: (object: KubeObject) => boolean;
  /** Kinds of the objects that the operator generates, each with the number of objects per resource. The selector `label` finds them. */
  readonly objects: readonly (readonly [resource: Resource, each: number])[];
  readonly label: string;
  readonly command: (kubeconfigs: Kubeconfigs, environment?: Readonly<Record<string, string>>) => Command;
}

export interface Kubeconfigs {
  readonly admin: string;
  readonly controller: string;
}

export const NAMESPACES = 20;

export function namespaceOf(index: number): string {
  return `bench-${index % NAMESPACES}`;
}

/** The events that one objective counts: the same for every operator. */
export interface CountedEvents {
  readonly name: string;
  /** Target of the objective in percent. */
  readonly target: number;
  /** Selectors of counters: `bad` selects the bad events, `total` all events. */
  readonly bad: string;
  readonly total: string;
}

export function countedEvents(index: number): readonly CountedEvents[] {
  const events = (name: string, target: number, labels: string) => ({
    name,
    target,
    bad: `pipeline_executions_total{status="failed",${labels}}`,
    total: `pipeline_executions_total{${labels}}`,
  });
  const id = `pipeline_id="bench-${index}"`;
  return [events('runs', 99, id), events('periodic-runs', 99.9, `trigger_mode="periodic",${id}`)];
}
