import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GeneratedFile } from './generated-file.ts';

/** The version of package.json as a module, because a bundle has no package.json beside it. */
export const versionFile: GeneratedFile = { path: 'kit/version.gen.ts', build: buildVersion };

function buildVersion(): string {
  const file = join(import.meta.dirname, '..', 'package.json');
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  return `// Generated from package.json: run \`make generate\`.\nexport const version = '${version}';\n`;
}
