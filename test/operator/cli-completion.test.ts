import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Shell, shells } from '#controller/cli/build-completion.ts';
import { parts } from '#local/parts/index.ts';
import type { Provisioned } from '#local/provision/part.ts';
import { provisionForTests } from '../support/provision-for-tests.ts';
import { makeTestFolder, removeTestFolder } from '../support/test-folder.ts';

const root = resolve(import.meta.dirname, '..', '..');
const pressTab = resolve(import.meta.dirname, '..', 'support', 'press-tab.zsh');

/** Command lines as typed, each with the last word that Tab should complete. */
const typed: readonly (readonly [line: string, word: string])[] = [
  ['tradingpipeline rend', 'render'],
  ['tradingpipeline explain HighPipelineF', 'HighPipelineFailureRate'],
  ['tradingpipeline render --outp', '--output'],
  ['tradingpipeline render --output js', 'json'],
  ['tradingpipeline completion zs', 'zsh'],
  ['tradingpipeline render resour', 'resource.yaml'],
];

/** For each shell, a function that presses Tab in the real shell and returns the offered completions. */
const complete: Readonly<Record<Shell, (line: string) => string[]>> = {
  bash: (line) => {
    const words = line.split(' ').map((word) => `'${word}'`);
    const press = `COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}; _tradingpipeline; printf '%s\n' "\${COMPREPLY[@]}"`;
    return run('bash', ['--norc', '-c', `source completion.bash; complete -p tradingpipeline >&2; ${press}`]);
  },
  zsh: (line) => run(zsh.files.zsh, [pressTab, zsh.files.zsh, join(folder, 'completion.zsh'), line], zsh.environment),
  fish: (line) => {
    const functions = unpackedBeside(fish.files.fish, 'usr/share/fish/functions');
    const own = functions ? `set -p fish_function_path ${functions}; ` : '';
    const press = `${own}source completion.fish; complete -C '${line}'`;
    return run(fish.files.fish, ['--no-config', '-c', press], fish.environment);
  },
};

let folder: string;
let zsh: Provisioned<'zsh'>;
let fish: Provisioned<'fish'>;

function run(program: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): string[] {
  const { PATH = '' } = process.env;
  const env = { PATH: ['/usr/bin', '/bin', PATH].join(delimiter), HOME: folder, ZDOTDIR: folder, ...environment };
  const out = execFileSync(program, args, {
    cwd: folder,
    env,
    encoding: 'utf8',
    timeout: 30_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return out.split('\n').filter((line) => line !== '');
}

/** Returns the copy of a system folder that was unpacked with the shell. Returns undefined if the shell is installed on the system. */
function unpackedBeside(shell: string, path: string): string | undefined {
  const found = resolve(shell, '..', '..', path.startsWith('usr/') && shell.includes('/usr/') ? path.slice(4) : path);
  return found.startsWith('/usr/') || !existsSync(found) ? undefined : found;
}

/** Returns the completed word: the last word of an offer, without the description that follows a tab character. */
function wordOf(offered: string): string {
  return (offered.split('\t')[0] ?? '').trim().split(' ').at(-1) ?? '';
}

describe('completion', () => {
  beforeAll(async () => {
    [zsh, fish] = await Promise.all([provisionForTests(parts.zsh), provisionForTests(parts.fish)]);
    folder = makeTestFolder('completion');
    for (const shell of shells) {
      const script = execFileSync(process.execPath, [join(root, 'controller', 'cli', 'main.ts'), 'completion', shell]);
      writeFileSync(join(folder, `completion.${shell}`), script);
    }
    writeFileSync(join(folder, 'resource.yaml'), '');
    const functions = unpackedBeside(zsh.files.zsh, 'usr/share/zsh/functions');
    const modules = unpackedBeside(zsh.files.zsh, 'usr/lib');
    if (functions)
      writeFileSync(join(folder, '.zshenv'), `module_path=(${modules}/*/zsh/*(N/)); fpath=(${functions}/**/*(N/))\n`);
  });
  afterAll(() => removeTestFolder(folder));

  describe.each(shells)('in %s', (shell) => {
    it.each(typed)('"%s" and Tab gives %s', (line, word) => {
      expect(complete[shell](line).map(wordOf)).toEqual([word]);
    });
  });

  it.each(['bash', 'fish'] as const)('in %s offers every command if none is typed yet', (shell) => {
    const commands = ['render', 'validate', 'diff', 'explain', 'doctor', 'backtest', 'completion'];
    expect(complete[shell]('tradingpipeline ').map(wordOf)).toEqual(expect.arrayContaining(commands));
  });
});
