import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');

/**
 * Every Markdown file of the repository. `dist/` and hidden folders other than `.github/` are left out, because builds and stacks write
 * them.
 */
const pages = globSync(['**/*.md', '.github/**/*.md'], { cwd: root, exclude: ['**/node_modules', 'dist'] });

/** Returns the text without fenced and indented blocks of code, because brackets in code are no links and `#` begins no heading. */
function stripCodeBlocks(text: string): string {
  return text.replace(/^ *(```|~~~)[\s\S]*?^ *\1.*$/gm, '').replace(/(^\n|^#.*\n)(?: {4}.*\n|\n)+/gm, '$1');
}

/** Returns the targets of all links and pictures of a page: inline, by reference, and in HTML. */
function readLinks(text: string): string[] {
  const prose = stripCodeBlocks(text).replace(/(`+)[^`\n]+\1/g, '');
  const links = prose.matchAll(
    /\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)|^\[[^\]]+\]:\s*(\S+)|(?:href|src)="([^"]+)"/gm,
  );
  return [...links].map(([, inline, reference, html]) => inline ?? reference ?? html ?? '');
}

/** Returns the anchors of a page as GitHub forms them: those of headings (numbered if a heading repeats) and HTML ids. */
function readAnchors(text: string): Set<string> {
  const anchors = new Set<string>();
  const repeats = new Map<string, number>();
  for (const [, title = ''] of stripCodeBlocks(text).matchAll(/^#{1,6} +(.+?)(?: +#+)? *$/gm)) {
    const anchor = title
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-');
    const repeat = repeats.get(anchor) ?? 0;
    repeats.set(anchor, repeat + 1);
    anchors.add(repeat === 0 ? anchor : `${anchor}-${repeat}`);
  }
  for (const [, id = ''] of text.matchAll(/<[a-z]+ [^>]*\b(?:id|name)="([^"]+)"/g)) anchors.add(id);
  return anchors;
}

/**
 * Returns what is wrong with a link in a page. Returns undefined if the link leads to an existing file and heading, or
 * to another site.
 */
function linkProblem(page: string, link: string): string | undefined {
  if (/^[a-z][a-z+.-]*:/i.test(link)) return undefined;
  const [file = '', anchor] = decodeURI(link).split('#');
  const target = file === '' ? page : path.join(path.dirname(page), file);
  if (target.startsWith('..') || path.isAbsolute(file)) return 'leads out of the repository';
  const full = path.join(root, target);
  if (!existsSync(full)) return `${target} does not exist`;
  if (anchor === undefined || !target.endsWith('.md')) return undefined;
  if (statSync(full).isDirectory() || !readAnchors(readFileSync(full, 'utf8')).has(anchor))
    return `${target} has no heading #${anchor}`;
  return undefined;
}

describe('links of the Markdown files', () => {
  const links = pages.flatMap((page) =>
    readLinks(readFileSync(path.join(root, page), 'utf8')).map((link) => ({ page, link })),
  );

  it('are found', () => {
    expect(pages).toContain('README.md');
    expect(links.length).toBeGreaterThan(100);
  });

  it('lead to a file and, with an anchor, to a heading', () => {
    const broken = links.flatMap(({ page, link }) => {
      const problem = linkProblem(page, link);
      return problem ? [`${page}: (${link}) ${problem}`] : [];
    });
    expect(broken).toEqual([]);
  });
});

describe('the check of links', () => {
  it('reports a file that does not exist, and a heading that a page does not have', () => {
    expect(linkProblem('docs/cli.md', 'no-such-page.md')).toBe('docs/no-such-page.md does not exist');
    expect(linkProblem('docs/cli.md', '../README.md#no-such-heading')).toBe(
      'README.md has no heading #no-such-heading',
    );
    expect(linkProblem('docs/cli.md', '../../outside.md')).toBe('leads out of the repository');
  });

  it('accepts files, folders, headings and other sites', () => {
    for (const link of ['../README.md', 'decisions', '../README.md#two-commands', '#render', 'https://example.com/x'])
      expect(linkProblem('docs/cli.md', link)).toBeUndefined();
  });

  it('reads links of every form, but no links in code', () => {
    const text =
      'a [b](c.md) ![d](e.png "title")\n[f]: g.md\n<a href="h.md">\n`[i](j.md)`\n```\n[k](l.md)\n```\n\n    [m](n.md)\n';
    expect(readLinks(text)).toEqual(['c.md', 'e.png', 'g.md', 'h.md']);
  });

  it('forms anchors as GitHub does', () => {
    const text =
      '# "No data" in Grafana\n## `make up`, twice\n## Look\n## Look\n<a id="here"></a>\n```\n# no heading\n```\n';
    expect([...readAnchors(text)]).toEqual(['no-data-in-grafana', 'make-up-twice', 'look', 'look-1', 'here']);
  });
});
