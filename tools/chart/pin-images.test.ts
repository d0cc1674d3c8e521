import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { processNames } from '#catalogue/services.ts';
import { pinImages } from './pin-images.ts';
import { chartFolder } from './stage-chart.ts';

const values = readFileSync(join(chartFolder, 'values.yaml'), 'utf8');
const digestOf = (index: number) => `sha256:${String(index).repeat(64)}`;
const lines = processNames.map((name, index) => `${name}=${digestOf(index)}`);

it('gives each image of the platform its digest, and changes no other value', () => {
  const { image, ...rest } = parse(pinImages(values, `${lines.join('\n')}\n`));
  const { image: before, ...others } = parse(values);
  expect(image).toEqual({
    ...before,
    digests: Object.fromEntries(processNames.map((name, index) => [name, digestOf(index)])),
  });
  expect(rest).toEqual(others);
});

it('refuses a list without the digest of an image', () => {
  expect(() => pinImages(values, lines.slice(1).join('\n'))).toThrow('got none for backend');
  expect(() => pinImages(values, [...lines.slice(1), 'backend=latest'].join('\n'))).toThrow('got none for backend');
});
