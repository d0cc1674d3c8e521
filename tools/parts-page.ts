import { parts } from '#local/parts/index.ts';
import type { Part } from '#local/provision/part.ts';

/** docs/parts.md: where `make up` and `make test` take each part from, in the order they try. */
export function buildPartsPage(): string {
  const rows = Object.values(parts).map((part: Part) => `| ${part.name} | ${listWays(part)} |`);
  return `<!-- Generated: run \`make generate\`. -->
# Parts

The servers that \`make up\` and \`make test\` run on, and where each comes from: the first way that works. A release is
checked against the checksum published beside it, an image by its digests; a host that does not answer within 10 s is not
asked again. Nothing is installed to the system: what is fetched or built is kept in \`$TRADING_PLATFORM_CACHE\`, by default
\`~/.cache/trading-platform\` (as root \`/var/cache/trading-platform\`), shared between clones.

| part | ways, in order |
|---|---|
${rows.join('\n')}
`;
}

function listWays({ sources, optional }: Part): string {
  const ways = sources.map(({ about }) => about.replace(/(linux|darwin)-(x64|arm64)/, 'PLATFORM')).join('; ');
  return optional ? `${ways}; else done without: ${optional}` : ways;
}
