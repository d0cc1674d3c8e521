import type { KubeObject } from '#controller/api/kube-object.ts';
import type { Resource } from '#controller/api/resources.ts';
import type { Command } from '../measured-process.ts';

/** An operator, what it is asked for, and how one sees that it has done it. */
export interface OperatorCase {
  readonly name: string;
  /** What its users write. */
  readonly resource: Resource;
  /** YAML files, or folders of them, applied before. */
  readonly manifests: readonly string[];
  /** What exists once, before the first resource. */
  readonly surroundings: readonly KubeObject[];
  /** What exists beside a resource. */
  readonly beside: (index: number) => readonly KubeObject[];
  readonly build: (index: number) => KubeObject;
  readonly isDone: (object: KubeObject) => boolean;
  /** Objects of each kind that one resource leads to, and the label by which they are found. */
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

/** What one objective counts: the same events for every operator. */
export interface CountedEvents {
  readonly name: string;
  /** Percent. */
  readonly target: number;
  /** Selectors of counters. */
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
