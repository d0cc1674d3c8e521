import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '#local/provision/run-command.ts';

/** The parts of a CycloneDX document that are read or changed here. */
export interface Bill {
  readonly serialNumber?: string;
  readonly metadata: { readonly timestamp?: string; readonly component?: BillComponent };
  readonly components: readonly BillComponent[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}
export interface BillComponent {
  /** `name@version` */
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly externalReferences?: readonly { readonly type: string; readonly url: string }[];
}

/** npm's own bill of materials of the production packages, as CycloneDX. */
export async function readNpmBill(repository: string): Promise<Bill> {
  const args = ['sbom', '--sbom-format=cyclonedx', '--omit=dev', '--package-lock-only'];
  return JSON.parse(await runCommand('npm', args, { cwd: repository }));
}

/** `name@version` of every package that a bundle holds code of, by its source maps and the lock file. */
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

/** The folder of the package that a source file is from: node_modules/a, or node_modules/a/node_modules/b. Pure. */
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
 * What is in one image: the packages of its bundle, and nothing that would differ from build to build. Pure.
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

/** Where a package was downloaded from says nothing of what it is, and may name a mirror of one's own. */
function withoutRegistry(component: BillComponent): BillComponent {
  const references = component.externalReferences?.filter(({ type }) => type !== 'distribution');
  return { ...component, externalReferences: references };
}
