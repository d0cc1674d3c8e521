import type { StackContext } from '../stack-context.ts';
import { clusterObjectsEntry } from './cluster-objects.ts';
import { examplePipelinesEntry } from './example-pipelines.ts';
import { listInfrastructure } from './infrastructure-entries.ts';
import { listMonitoring } from './monitoring-entries.ts';
import { listPlatform } from './platform-entries.ts';
import type { ProcessEntry, StackEntry } from './stack-entry.ts';

/** All entries of the stack. Each names the entries that it needs. */
export function listEntries(context: StackContext): StackEntry[] {
  return [
    ...listInfrastructure(context),
    clusterObjectsEntry(context),
    ...listMonitoring(context),
    ...listPlatform(context),
    examplePipelinesEntry(context),
  ];
}

export type ProcessStackEntry = StackEntry & { readonly process: ProcessEntry };

export function isProcess(entry: StackEntry): entry is ProcessStackEntry {
  return entry.process !== undefined;
}
