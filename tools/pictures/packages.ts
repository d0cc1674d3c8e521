import { createRequire } from 'node:module';
import { join } from 'node:path';

/** What only the pictures need is installed in a folder of its own: no image and no `make setup` has it. */
export const requirePackage = createRequire(join(import.meta.dirname, 'packages', 'package.json'));
