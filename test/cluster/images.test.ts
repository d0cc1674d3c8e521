import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repository } from '#local/stack/state.ts';
import type { Bill } from '#tools/images/bill-of-materials.ts';
import { buildImages, imagesFolder, OWN_SIZE_LIMIT } from '#tools/images/build-images.ts';
import { findImageBuilder } from '#tools/images/image-builder.ts';
import { deployables, readProvenance } from '#tools/images/prepare-bundles.ts';
import { type ImageArchive, readArchive, readLayerFile } from '#tools/images/read-archive.ts';
import { makeTestFolder, removeTestFolder } from '../support/test-folder.ts';
import { runProgram } from './run-program.ts';

const folder = makeTestFolder('images');
/** The archives that `make images` has written, keyed by the name of the deployable. */
const archives: Record<string, ImageArchive> = {};
const fileOf = (name: string) => join(imagesFolder, `${name}.tar`);

beforeAll(async () => {
  for (const { name } of deployables) archives[name] = await readArchive(fileOf(name));
});
afterAll(() => removeTestFolder(folder));

describe.each(deployables)('the image of $name', ({ name, description }) => {
  it('runs Node itself, as a user with a numeric id other than 0', () => {
    const { User, Entrypoint } = archives[name]!.config.config;
    expect(User).toBe('65532:65532');
    const nursery = ['--min-semi-space-size=4', '--max-semi-space-size=4'];
    expect(Entrypoint).toEqual(['/usr/local/bin/node', ...nursery, '/app/main.mjs']);
  });

  it('has labels with its description and its source', async () => {
    const { version, revision, epoch } = await readProvenance();
    const label = (key: string) => archives[name]!.config.config.Labels?.[`org.opencontainers.image.${key}`];
    expect(label('title')).toBe(name);
    expect(label('description')).toBe(description);
    expect(label('version')).toBe(version);
    expect(label('revision')).toBe(revision);
    expect(Date.parse(label('created') ?? '')).toBe(epoch * 1_000);
    for (const key of ['licenses', 'source', 'vendor', 'base.name']) expect(label(key), key).toBeTruthy();
  });

  it('contains its bill of materials, which lists only the packages of its bundle', async () => {
    const bill = JSON.parse(await readLayerFile(fileOf(name), archives[name]!, 'app/sbom.cdx.json')) as Bill;
    const names = bill.components.map((component) => component.name);
    expect(names).toContain('zod');
    expect(names).not.toContain('vitest');
    expect(names.includes('fastify')).toBe(name === 'backend');
  });
});

it('building the images again from the sources gives the same images, each below the size limit', async () => {
  await runProgram(process.execPath, [join(repository, 'tools', 'build.ts')]);
  const again = await buildImages({
    builder: await findImageBuilder(),
    provenance: await readProvenance(),
    folder,
    cache: false,
  });
  expect(Object.fromEntries(again.map(({ deployable, archive }) => [deployable.name, archive.id]))).toEqual(
    Object.fromEntries(Object.entries(archives).map(([name, { id }]) => [name, id])),
  );
  for (const { name, ownSize } of again) expect(ownSize, name).toBeLessThan(OWN_SIZE_LIMIT);
});
