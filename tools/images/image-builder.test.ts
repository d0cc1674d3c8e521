import { describe, expect, it } from 'vitest';
import { findImageBuilder } from './image-builder.ts';

describe('findImageBuilder', () => {
  it('refuses an unknown builder, and names the known ones', async () => {
    await expect(findImageBuilder({ IMAGE_BUILDER: 'kaniko' })).rejects.toThrow(
      'IMAGE_BUILDER=kaniko: must be one of docker, buildah, podman, nerdctl',
    );
  });
});
