import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repository } from '#local/stack/state.ts';
import { buildBundle } from '#tools/bundles/build-bundle.ts';
import { bundles } from '#tools/bundles/bundle.ts';
import { runHelm, useStagedChart } from '../charts/helm.ts';
import { makeTestFolder, removeTestFolder } from '../support/test-folder.ts';
import { type BareClone, makeBareClone } from './bare-clone.ts';
import { checks } from './checks.ts';
import { readCommands, readPage } from './read-commands.ts';

const folder = makeTestFolder('documents');
const commands = readCommands(repository).map((command) => ({
  ...command,
  check: checks.find(({ like }) => like.test(command.text)),
}));
const listOnce = (kind: string) => {
  const found = commands.filter(({ check }) => check && kind in check);
  return [...new Map(found.map((command) => [command.text, command])).values()];
};
const chart = useStagedChart();
let clone: BareClone;

beforeAll(async () => {
  clone = await makeBareClone(folder);
}, 300_000);
afterAll(() => removeTestFolder(folder));

it('every command of the documents has a check, or a reason why it has none', () => {
  expect(commands.length).toBeGreaterThan(50);
  expect(commands.filter(({ check }) => !check).map(({ at, text }) => `${at} ${text}`)).toEqual([]);
});

it('every check is of a command that a document has', () => {
  const unused = checks.filter((check) => !commands.some((command) => command.check === check));
  expect(unused.map(({ like }) => String(like))).toEqual([]);
});

it('files that are fetched from the repository exist there, under the tag of this version', () => {
  const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { version: string };
  const address = /https:\/\/raw\.githubusercontent\.com\/trading-platform\/trading-platform\/(\S+?)\/(\S+)/g;
  const fetched = commands.flatMap(({ text }) => [...text.matchAll(address)]);
  expect(fetched.length).toBeGreaterThan(0);
  for (const [, tag, file] of fetched) {
    expect(tag).toBe(`v${version}`);
    expect(existsSync(join(repository, file!)), file).toBe(true);
  }
});

it('a command on several lines is read as one, without its comment', () => {
  const page = [
    '    $ helm install a \\',
    '        --values b',
    'helm text',
    '    make up   # all',
    '    prose',
    '',
  ].join('\n');
  expect(readPage('x.md', page)).toEqual([
    { at: 'x.md:1', text: 'helm install a --values b' },
    { at: 'x.md:4', text: 'make up' },
  ]);
});

describe('in a bare clone, with Node 20 and no cluster', { timeout: 300_000 }, () => {
  it.each(listOnce('code'))('$at: $text', async ({ text, check }) => {
    const expected = check as Extract<typeof check, { code: number }>;
    const { code, output } = await clone.run(text);
    expect(output).toMatch(expected.prints);
    expect(output).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
    expect(code, output).toBe(expected.code);
  });

  it('the package of the command line runs from its archive', async () => {
    const bundle = bundles.find(({ name }) => name === 'tradingpipeline')!;
    await buildBundle(bundle, repository, folder);
    execFileSync('npm', ['pack', '--pack-destination', clone.folder, '--loglevel=error'], {
      cwd: join(folder, bundle.name),
    });
    const { code, output } = await clone.run(`npx --yes ./tradingpipeline-*.tgz validate my.yaml`);
    expect(output).toContain('1 TradingPipeline valid');
    expect(code).toBe(0);
    // loads the Kubernetes client, whose HTTP library expects a newer Node
    const away = await clone.run(`npx --yes ./tradingpipeline-*.tgz doctor --kubeconfig away.yaml`);
    expect(away).toMatchObject({ code: 1, output: expect.stringContaining('api-server-does-not-answer') });
  });
});

describe('the chart with the values of the documents', () => {
  it.each(listOnce('chart'))('$at: $text', async ({ text }) => {
    const args = text
      .split(' ')
      .slice(3)
      .map((word) => word.replace(/^https:\/\/raw\.\S*?\/(?=charts\/)/, ''));
    const values = args.flatMap((word, index) => (/^--(set|values)$/.test(word) ? [word, args[index + 1]!] : []));
    const files = values.map((word) => (word.endsWith('.yaml') ? join(clone.folder, word) : word));
    expect(await runHelm(['template', 'trading-platform', chart(), ...files])).toContain('kind: Deployment');
  });
});
