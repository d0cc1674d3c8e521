import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONTROLLER, type ProcessName, services } from '#catalogue/services.ts';
import { PROGRAM } from '#controller/cli/build-program.ts';
import { runCommand } from '#local/provision/run-command.ts';
import { repository } from '#local/stack/state.ts';
import { buildBill, listBundledPackages, readNpmBill } from './bill-of-materials.ts';

export interface Deployable {
  /** Name of the build target in the Dockerfile, of the bundle's folder, and the last part of the image's name. */
  readonly name: ProcessName | typeof PROGRAM;
  readonly description: string;
}

/** Everything that has an image of its own: the processes that run in a cluster, and the command line. */
export const deployables: readonly Deployable[] = [
  ...Object.entries(services).map(([name, { description }]) => ({ name: name as ProcessName, description })),
  { name: CONTROLLER, description: 'Turns TradingPipelines into ServiceMonitors, PrometheusRules and dashboards' },
  { name: PROGRAM, description: 'The command line for TradingPipelines' },
];

/** Origin of an image. Every image carries it in its labels. */
export interface Provenance {
  readonly version: string;
  readonly revision: string;
  /** Time of the commit, or SOURCE_DATE_EPOCH, in seconds since 1970. */
  readonly epoch: number;
}

const bundlesFolder = join(repository, 'dist');

/** Reads the version from package.json, and the commit and its time from git. */
export async function readProvenance(environment: NodeJS.ProcessEnv = process.env): Promise<Provenance> {
  const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { version: string };
  const git = async (...args: string[]) => (await runCommand('git', args, { cwd: repository })).trim();
  const epoch = environment.SOURCE_DATE_EPOCH ?? (await git('log', '-1', '--format=%ct'));
  return { version, revision: await git('rev-parse', 'HEAD'), epoch: Number(epoch) };
}

/**
 * Writes a bill of materials into every bundle of dist/, and sets the same modification time on all files.
 * @returns the number of packages in each bill, by deployable
 */
export async function prepareBundles({ epoch }: Provenance): Promise<ReadonlyMap<string, number>> {
  const npm = await readNpmBill(repository);
  const counts = deployables.map(({ name }) => {
    const bundle = join(bundlesFolder, name);
    const bill = buildBill(npm, name, listBundledPackages(bundle, repository), epoch);
    writeFileSync(join(bundle, 'sbom.cdx.json'), `${JSON.stringify(bill, null, 2)}\n`);
    return [name, bill.components.length] as const;
  });
  stampFiles(bundlesFolder, epoch);
  return new Map(counts);
}

/**
 * Sets the modification times of a folder and of everything in it. An image keeps the times of the files that are copied into
 * it, so they must be the same in every build of a commit.
 * @param epoch seconds since 1970
 */
export function stampFiles(folder: string, epoch: number): void {
  for (const path of ['', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })])
    utimesSync(join(folder, path), epoch, epoch);
}
