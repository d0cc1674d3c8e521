/** `make images`: builds the image of every deployable and says what each weighs. */
import { NotHad } from '#local/provision/part.ts';
import {
  type BuiltImage,
  buildImages,
  DEFAULT_NODE_IMAGE,
  DEFAULT_REGISTRY,
  imagesFolder,
  OWN_SIZE_LIMIT,
  prepareBundles,
  readProvenance,
} from './build-images.ts';
import { findImageBuilder, NoImageBuilder } from './image-builder.ts';

const help = `Builds the image of every deployable from dist/ (make build), and writes each to .local/images/NAME.tar.
With --bills it only puts the bills of materials into dist/, and the commit's time on its files, for a builder of your own.

Environment:
  IMAGE_BUILDER       docker, buildah, podman or nerdctl; the first that works when absent
  IMAGE_REGISTRY      first part of the names (${DEFAULT_REGISTRY})
  NODE_IMAGE          image to build upon (${DEFAULT_NODE_IMAGE})
  SOURCE_DATE_EPOCH   time of the images, in seconds since 1970; the commit's when absent`;

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
