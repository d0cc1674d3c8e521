import { parts } from './parts/index.ts';
import type { Part, Provisioned, SourceKind } from './provision/part.ts';
import { ProvisionError, startProvisioning } from './provision/provision.ts';
import { buildConsoleReport } from './provision/step-log.ts';

export const PROVISION_KINDS: readonly SourceKind[] = [
  'installed',
  'npm',
  'release',
  'image',
  'debian',
  'pypi',
  'go',
  'maven',
];

/**
 * Gets parts and prints the paths of their files. A missing optional part is no failure.
 * @throws ProvisionError if a required part could not be provided
 */
export async function provisionParts(names: readonly string[], options: { from?: SourceKind }): Promise<void> {
  const chosen = chooseParts(names);
  const provision = startProvisioning({ report: buildConsoleReport(), only: options.from });
  const results = await Promise.allSettled(chosen.map((part) => provision(part)));
  const failures = results.flatMap((result, index) => describeResult(chosen[index]!, result));
  if (failures.length > 0) throw new ProvisionError(failures.join('\n'), 'not every part could be had');
}

/**
 * Prints the paths of a part's files. Returns a list with the error message if the part is required and missing, else
 * an empty list.
 */
function describeResult(part: Part, result: PromiseSettledResult<Provisioned>): string[] {
  if (result.status === 'fulfilled') {
    const { name, version, kind, files } = result.value;
    console.log(`${name.padEnd(20)} ${version.padEnd(10)} ${kind.padEnd(10)} ${Object.values(files).join(' ')}`);
    return [];
  }
  if (!part.optional) return [(result.reason as Error).message];
  console.log(`${part.name.padEnd(20)} not available; ${part.optional}`);
  return [];
}

function chooseParts(names: readonly string[]): readonly Part[] {
  const known: readonly Part[] = Object.values(parts);
  const unknown = names.find((name) => !known.some((part) => part.name === name));
  if (unknown !== undefined) {
    const there = known.map(({ name }) => name).join(', ');
    throw new ProvisionError(`part: expected one of ${there}, got ${unknown}`, 'unknown part');
  }
  return names.length === 0 ? known : known.filter(({ name }) => names.includes(name));
}
