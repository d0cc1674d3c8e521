import { parts } from '#local/parts/index.ts';
import type { Part } from '#local/provision/part.ts';

/**
 * Builds docs/parts.md: for each server that `make up` and `make test` run, the ways to get it, in the order in which
 * they are tried.
 */
export function buildPartsPage(): string {
  const rows = Object.values(parts).map((part: Part) => `| ${part.name} | ${listWays(part)} |`);
  return `<!-- Generated: run \`make generate\`. -->
# Parts

The servers that \`make up\` and \`make test\` run, and the ways to get each one: the first way that works is used. A release is
checked against its published checksum, an image against its digests. A host that does not answer within 10 s is not asked
again. Nothing is installed into the system: downloads and builds are kept in \`$TRADING_PLATFORM_CACHE\`, by default
\`~/.cache/trading-platform\` (as root \`/var/cache/trading-platform\`), and shared between clones.

| part | ways, in order |
|---|---|
${rows.join('\n')}
`;
}

function listWays({ sources, optional }: Part): string {
  const ways = sources.map(({ about }) => about.replace(/(linux|darwin)-(x64|arm64)/, 'PLATFORM')).join('; ');
  return optional ? `${ways}; otherwise the part is left out: ${optional}` : ways;
}
