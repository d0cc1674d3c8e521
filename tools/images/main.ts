/** `make images`: builds the image of every deployable, prints the size of each, and fails if one is too large. */
import { NotHad } from '#local/provision/part.ts';
import {
  type BuiltImage,
  buildImages,
  DEFAULT_NODE_IMAGE,
  DEFAULT_REGISTRY,
  imagesFolder,
  OWN_SIZE_LIMIT,
} from './build-images.ts';
import { findImageBuilder, NoImageBuilder } from './image-builder.ts';
import { prepareBundles, readProvenance } from './prepare-bundles.ts';

const help = `Builds the image of every deployable from dist/ (run make build first), and writes each to .local/images/NAME.tar.
With --bills it builds no image: it only writes the bills of materials into dist/ and gives all files the commit's time, so that
you can build with a builder of your own.

Environment:
  IMAGE_BUILDER       docker, buildah, podman or nerdctl; by default the first that works
  IMAGE_REGISTRY      registry and first part of the images' names (${DEFAULT_REGISTRY})
  NODE_IMAGE          base image (${DEFAULT_NODE_IMAGE})
  SOURCE_DATE_EPOCH   time of the images, in seconds since 1970; by default the time of the commit`;

async function main(args: readonly string[]): Promise<number> {
  if (args.length === 1 && args[0] === '--bills') {
    await prepareBundles(await readProvenance());
    return 0;
  }
  if (args.length > 0) {
    console.log(help);
    return args.includes('--help') ? 0 : 2;
  }
  const builder = await findImageBuilder();
  const provenance = await readProvenance();
  console.log(
    `building with ${builder.name}, version ${provenance.version}, revision ${provenance.revision.slice(0, 12)}`,
  );
  const images = await buildImages({
    builder,
    provenance,
    folder: imagesFolder,
    report: (image) => console.log(describeImage(image)),
  });
  const heavy = images.filter(({ ownSize }) => ownSize > OWN_SIZE_LIMIT);
  for (const { name } of heavy) console.error(`${name} adds more than ${megabytes(OWN_SIZE_LIMIT)} to its base image`);
  return heavy.length > 0 ? 1 : 0;
}

function describeImage({ name, ownSize, archive, packages }: BuiltImage): string {
  const whole = archive.layers.reduce((total, { size }) => total + size, 0);
  const weight = `${megabytes(ownSize)} of ours on ${megabytes(whole - ownSize)}`;
  return `  ${name.padEnd(56)} ${weight}, ${packages} packages, ${archive.id.slice(0, 19)}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof NoImageBuilder || error instanceof NotHad)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
