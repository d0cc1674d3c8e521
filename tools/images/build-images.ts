import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '#local/provision/run-command.ts';
import { repository } from '#local/stack/state.ts';
import { buildBill, listBundledPackages, readNpmBill } from './bill-of-materials.ts';
import { type Deployable, deployables } from './deployables.ts';
import type { ImageBuilder } from './image-builder.ts';
import { type ImageArchive, readArchive } from './read-archive.ts';
import { stampFiles } from './stamp-files.ts';

/** What every image says of where it comes from. */
export interface Provenance {
  readonly version: string;
  readonly revision: string;
  /** Seconds since 1970 of the commit, or SOURCE_DATE_EPOCH. */
  readonly epoch: number;
}

export interface BuiltImage {
  readonly deployable: Deployable;
  readonly name: string;
  readonly file: string;
  readonly archive: ImageArchive;
  /** Bytes above the base image, not compressed. */
  readonly ownSize: number;
  /** How many packages its bundle holds code of. */
  readonly packages: number;
}

export interface ImageBuild {
  readonly builder: ImageBuilder;
  readonly provenance: Provenance;
  /** Folder of the archives. */
  readonly folder: string;
  readonly cache?: boolean;
  readonly report?: (image: BuiltImage) => void;
}

/** What an image may add to Node's own, in bytes. */
export const OWN_SIZE_LIMIT = 40e6;
export const imagesFolder = join(repository, '.local', 'images');
export const DEFAULT_REGISTRY = 'ghcr.io/trading-platform';
export const DEFAULT_NODE_IMAGE = 'docker.io/library/node:24-slim';
export const bundlesFolder = join(repository, 'dist');

/** The version of package.json, the commit and its time. */
export async function readProvenance(environment: NodeJS.ProcessEnv = process.env): Promise<Provenance> {
  const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { version: string };
  const git = async (...args: string[]) => (await runCommand('git', args, { cwd: repository })).trim();
  const epoch = environment.SOURCE_DATE_EPOCH ?? (await git('log', '-1', '--format=%ct'));
  return { version, revision: await git('rev-parse', 'HEAD'), epoch: Number(epoch) };
}

/** Builds every image from the bundles of `make build`, and writes each as an archive. */
export async function buildImages(build: ImageBuild): Promise<BuiltImage[]> {
  mkdirSync(build.folder, { recursive: true });
  const packages = await prepareBundles(build.provenance);
  const images: BuiltImage[] = [];
  // one after the other: the first pulls the base image for all
  for (const deployable of deployables) {
    const image = { ...(await buildImage(build, deployable)), packages: packages.get(deployable.name) ?? 0 };
    build.report?.(image);
    images.push(image);
  }
  return images;
}

/** Puts a bill of materials beside the code of every bundle, and one time on all; gives how many packages each bill names. */
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

async function buildImage(build: ImageBuild, deployable: Deployable): Promise<Omit<BuiltImage, 'packages'>> {
  const { builder, provenance } = build;
  const { IMAGE_REGISTRY: registry = DEFAULT_REGISTRY, NODE_IMAGE: nodeImage = DEFAULT_NODE_IMAGE } = process.env;
  const name = `${registry}/${deployable.name}:${provenance.version}`;
  await builder.build({
    target: deployable.name,
    name,
    epoch: provenance.epoch,
    context: repository,
    cache: build.cache,
    args: {
      NODE_IMAGE: nodeImage,
      VERSION: provenance.version,
      REVISION: provenance.revision,
      CREATED: new Date(provenance.epoch * 1_000).toISOString(),
    },
  });
  const file = join(build.folder, `${deployable.name}.tar`);
  // some builders refuse to write over an archive
  rmSync(file, { force: true });
  await builder.save(name, file);
  const archive = await readArchive(file);
  const base = await builder.readLayers(nodeImage);
  const ownSize = archive.layers.slice(base.length).reduce((total, { size }) => total + size, 0);
  return { deployable, name, file, archive, ownSize };
}
