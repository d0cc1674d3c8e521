import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '#local/provision/run-command.ts';

/** The fields of a CycloneDX document that this file reads or changes. */
export interface Bill {
  readonly serialNumber?: string;
  readonly metadata: { readonly timestamp?: string; readonly component?: BillComponent };
  readonly components: readonly BillComponent[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}
interface BillComponent {
  /** `name@version` */
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly externalReferences?: readonly { readonly type: string; readonly url: string }[];
}

/** Runs npm to get the bill of materials of all production packages, in the CycloneDX format. */
export async function readNpmBill(repository: string): Promise<Bill> {
  const args = ['sbom', '--sbom-format=cyclonedx', '--omit=dev', '--package-lock-only'];
  return JSON.parse(await runCommand('npm', args, { cwd: repository }));
}

/** Lists the packages whose code is in a bundle, as `name@version`. Names come from the source maps, versions from the lock file. */
export function listBundledPackages(bundle: string, repository: string): ReadonlySet<string> {
  const lock = JSON.parse(readFileSync(join(repository, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string }>;
  };
  const folders = new Set(
    readSources(bundle)
      .map(packageFolderOf)
      .filter((folder) => folder !== undefined),
  );
  return new Set([...folders].map((folder) => `${nameOf(folder)}@${lock.packages[folder]?.version}`));
}

function readSources(bundle: string): string[] {
  const maps = readdirSync(bundle).filter((file) => file.endsWith('.map'));
  return maps.flatMap(
    (file) => (JSON.parse(readFileSync(join(bundle, file), 'utf8')) as { sources: string[] }).sources,
  );
}

const PACKAGES = 'node_modules/';

/**
 * Returns the folder of a source file's package, such as node_modules/a or node_modules/a/node_modules/b. Returns undefined for
 * our own files.
 */
export function packageFolderOf(source: string): string | undefined {
  const start = source.indexOf(PACKAGES);
  if (start < 0) return undefined;
  const name = source.lastIndexOf(PACKAGES) + PACKAGES.length;
  const parts = source.slice(name).split('/');
  const own = parts.slice(0, parts[0]?.startsWith('@') ? 2 : 1).join('/');
  return source.slice(start, name) + own;
}

function nameOf(folder: string): string {
  return folder.slice(folder.lastIndexOf(PACKAGES) + PACKAGES.length);
}

/**
 * Builds the bill of materials of one image: the packages of its bundle, without anything that differs between equal builds.
 * @param packages `name@version`
 * @param epoch seconds since 1970
 */
export function buildBill(npm: Bill, deployable: string, packages: ReadonlySet<string>, epoch: number): Bill {
  const { serialNumber: _, ...document } = npm;
  const root = npm.metadata.component;
  const component = root && { ...root, name: deployable };
  const isIn = (ref: string) => packages.has(ref) || ref === root?.['bom-ref'];
  return {
    ...document,
    metadata: { ...npm.metadata, timestamp: new Date(epoch * 1_000).toISOString(), component },
    components: npm.components.filter((one) => packages.has(one['bom-ref'])).map(withoutRegistry),
    dependencies: npm.dependencies
      .filter(({ ref }) => isIn(ref))
      .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter(isIn) })),
  };
}

/** Removes the download address of a package, because the address may name a private mirror and differs between machines. */
function withoutRegistry(component: BillComponent): BillComponent {
  const references = component.externalReferences?.filter(({ type }) => type !== 'distribution');
  return { ...component, externalReferences: references };
}
