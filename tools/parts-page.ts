import { parts } from '#local/parts/index.ts';
import type { Part } from '#local/provision/part.ts';

/** Builds docs/parts.md: the sources of each part, in the order in which they are tried. */
export function buildPartsPage(): string {
  const rows = Object.values(parts).map((part: Part) => `| ${part.name} | ${listSources(part)} |`);
  return `<!-- Generated: run \`make generate\`. -->
# Parts

\`make up\` and \`make test\` run on these servers. Each part comes from the first of its sources that works. A release is compared with the
checksum that is published beside it, an image with its digests. A host that does not answer within 10 s is not tried again. Nothing is installed
on the system: downloads and builds go to \`$TRADING_PLATFORM_CACHE\`, by default \`~/.cache/trading-platform\` (as root
\`/var/cache/trading-platform\`), which all clones share.

| part | sources, in order |
|---|---|
${rows.join('\n')}
`;
}

function listSources({ sources, optional }: Part): string {
  const list = sources.map(({ about }) => about.replace(/(linux|darwin)-(x64|arm64)/, 'PLATFORM')).join('; ');
  return optional ? `${list}; optional: ${optional}` : list;
}
