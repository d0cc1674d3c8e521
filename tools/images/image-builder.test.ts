import { describe, expect, it } from 'vitest';
import { findImageBuilder } from './image-builder.ts';

describe('findImageBuilder', () => {
  it('refuses a builder it does not know, and names those it does', async () => {
    await expect(findImageBuilder({ IMAGE_BUILDER: 'kaniko' })).rejects.toThrow(
      'IMAGE_BUILDER=kaniko: must be one of docker, buildah, podman, nerdctl',
    );
  });
});
