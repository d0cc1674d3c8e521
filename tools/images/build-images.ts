import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '#local/stack/state.ts';
import type { ImageBuilder } from './image-builder.ts';
import { type Deployable, deployables, type Provenance, prepareBundles } from './prepare-bundles.ts';
import { type ImageArchive, readArchive } from './read-archive.ts';

export interface BuiltImage {
  readonly deployable: Deployable;
  readonly name: string;
  readonly file: string;
  readonly archive: ImageArchive;
  /** Uncompressed bytes of the layers above the base image. */
  readonly ownSize: number;
  /** Number of packages whose code the image's bundle contains. */
  readonly packages: number;
}

interface ImageBuild {
  readonly builder: ImageBuilder;
  readonly provenance: Provenance;
  /** Folder that the archives are written to. */
  readonly folder: string;
  readonly cache?: boolean;
  readonly report?: (image: BuiltImage) => void;
}

/** Maximum number of bytes that an image may add to its base image, Node's own. */
export const OWN_SIZE_LIMIT = 40e6;
export const imagesFolder = join(repository, '.local', 'images');
export const DEFAULT_REGISTRY = 'ghcr.io/trading-platform';
export const DEFAULT_NODE_IMAGE = 'docker.io/library/node:24-slim';

/** Builds every image from the bundles of `make build`, writes each as an archive, and reports each as soon as it is built. */
export async function buildImages(build: ImageBuild): Promise<BuiltImage[]> {
  mkdirSync(build.folder, { recursive: true });
  const packages = await prepareBundles(build.provenance);
  const images: BuiltImage[] = [];
  // one after the other, because the first one pulls the base image
  for (const deployable of deployables) {
    const image = { ...(await buildImage(build, deployable)), packages: packages.get(deployable.name) ?? 0 };
    build.report?.(image);
    images.push(image);
  }
  return images;
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
  // some builders refuse to overwrite an archive
  rmSync(file, { force: true });
  await builder.save(name, file);
  const archive = await readArchive(file);
  const base = await builder.readLayers(nodeImage);
  const ownSize = archive.layers.slice(base.length).reduce((total, { size }) => total + size, 0);
  return { deployable, name, file, archive, ownSize };
}
