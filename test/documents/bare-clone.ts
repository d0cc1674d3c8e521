import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { needExecutable } from '#local/provision/run-command.ts';
import { repository } from '#local/stack/state.ts';
import { provisionForTests } from '../support/provision-for-tests.ts';
import { node20 } from './node-20.ts';

interface Ended {
  readonly code: number;
  readonly output: string;
}

export interface BareClone {
  readonly folder: string;
  /** Runs a line of a shell in the clone's folder. `output` is what it prints on both streams. */
  readonly run: (line: string) => Promise<Ended>;
}

/** Copies what git would clone, and the environment of a newcomer: Node 20 and npm, no kubeconfig, an empty home. */
export async function makeBareClone(folder: string): Promise<BareClone> {
  const clone = join(folder, 'clone');
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: repository,
    encoding: 'utf8',
    maxBuffer: 16 * 1024 * 1024,
  });
  for (const file of files.split('\0'))
    if (file && existsSync(join(repository, file))) cpSync(join(repository, file), join(clone, file));
  const programs = join(folder, 'bin');
  mkdirSync(programs);
  symlinkSync((await provisionForTests(node20)).files.node, join(programs, 'node'));
  for (const name of ['npm', 'npx'])
    symlinkSync(realpathSync(needExecutable(name, 'it comes with Node')), join(programs, name));
  writeExamples(clone);
  const env = {
    HOME: join(folder, 'home'),
    PATH: `${programs}:/usr/bin:/bin`,
    npm_config_update_notifier: 'false',
    ...readNetworkSettings(),
  };
  const options = { cwd: clone, env, timeout: 240_000, maxBuffer: 16 * 1024 * 1024 };
  return {
    folder: clone,
    run: (line) =>
      new Promise((done) => {
        const child = execFile('sh', ['-c', line], options, (_error, stdout, stderr) =>
          done({ code: child.exitCode ?? -1, output: stdout + stderr }),
        );
      }),
  };
}

/** The settings by which Node and npm reach the internet from this machine: variables, and npm's file in the home folder. */
function readNetworkSettings(): Record<string, string> {
  const names =
    /^(NODE_EXTRA_CA_CERTS|NODE_USE_SYSTEM_CA|SSL_CERT_FILE|(https?|no)_proxy|npm_config_(registry|cafile))$/i;
  const userFile = join(homedir(), '.npmrc');
  const file: Record<string, string> = existsSync(userFile) ? { npm_config_userconfig: userFile } : {};
  const entries = Object.entries(process.env).filter(([name]) => names.test(name));
  return { ...file, ...Object.fromEntries(entries.map(([name, value]) => [name, value ?? ''])) };
}

/** A kubeconfig of a server that does not run. */
const nobodyThere = {
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'away',
  clusters: [{ name: 'away', cluster: { server: 'https://127.0.0.1:9' } }],
  users: [{ name: 'nobody', user: { token: 'none' } }],
  contexts: [{ name: 'away', context: { cluster: 'away', user: 'nobody' } }],
};

/** Writes the files that the documents call the reader's own. */
function writeExamples(clone: string): void {
  const example = join(clone, 'examples', 'platform', 'platform.yaml');
  for (const own of ['my.yaml', 'trading/platform.yaml']) {
    mkdirSync(dirname(join(clone, own)), { recursive: true });
    cpSync(example, join(clone, own));
  }
  writeFileSync(join(clone, 'yours.yaml'), '{}\n');
  writeFileSync(join(clone, 'away.yaml'), JSON.stringify(nobodyThere));
}
