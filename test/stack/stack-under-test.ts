import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KubeClient } from '#controller/kube/kube-client.ts';
import { readKubeConnection } from '#controller/kube/kube-connection.ts';
import { isFree } from '#local/servers/free-port.ts';
import { planPorts, portNames } from '#local/stack/ports.ts';
import { listProcesses } from '#local/stack/process-table.ts';
import { addresses } from '#local/stack/stack-context.ts';
import { readSettings, repository, type Settings, statePaths } from '#local/stack/state.ts';

export interface CommandResult {
  readonly code: number;
  readonly output: string;
}

/** A stack as `make up` starts it, and its commands. */
export interface StackUnderTest {
  readonly environment: NodeJS.ProcessEnv;
  readonly paths: ReturnType<typeof statePaths>;
  run(...args: readonly string[]): Promise<CommandResult>;
  /** The same stack, whose commands have these variables too. */
  withEnvironment(more: NodeJS.ProcessEnv): StackUnderTest;
  settings(): Settings;
  at(): ReturnType<typeof addresses>;
  kube(): KubeClient;
  /** Process ids by name, as `up` wrote them down. */
  pids(): Readonly<Record<string, number>>;
}

/** One stack of its own: other ports and another folder than those of whoever works here. */
export async function planStack(folder: string): Promise<StackUnderTest> {
  const state = join(folder, 'state');
  return stackOf({ ...process.env, TRADING_PLATFORM_STATE: state, PORT_OFFSET: String(await findFreeOffset()) });
}

/** The stack that commands with these variables are about. */
export function stackOf(environment: NodeJS.ProcessEnv): StackUnderTest {
  const paths = statePaths(environment);
  const settings = () => readSettings(paths)!;
  return {
    environment,
    paths,
    settings,
    run: (...args) => runLocal(args, environment),
    withEnvironment: (more) => stackOf({ ...environment, ...more }),
    at: () => addresses(settings()),
    kube: () => new KubeClient({ connection: readKubeConnection(paths.kubeconfig), fieldManager: 'test' }),
    pids: () => Object.fromEntries(listProcesses(paths.processes).map(({ name, pid }) => [name, pid])),
  };
}

/** An offset that makes every port of the stack a free one. */
async function findFreeOffset(): Promise<number> {
  for (let offset = 10_000; offset < 20_000; offset += 100) {
    const ports = planPorts({ PORT_OFFSET: String(offset) });
    const free = await Promise.all(portNames.map((name) => isFree(ports[name])));
    if (free.every(Boolean)) return offset;
  }
  throw new Error('no offset leaves all ports of the stack free');
}

/** `node local/main.ts …`, as make calls it. */
export function runLocal(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<CommandResult> {
  return new Promise((resolve) => {
    const command = [join(repository, 'local', 'main.ts'), ...args];
    execFile(process.execPath, command, { env: environment, cwd: repository }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, output: stdout + stderr });
    });
  });
}

/** Processes of this machine whose environment or command names a folder: what a stack has left behind. */
export function listProcessesNaming(folder: string): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  return pids.flatMap((pid) => {
    const command = readQuietly(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
    const named = command.includes(folder) || readQuietly(`/proc/${pid}/environ`).includes(folder);
    return named ? [`${pid}: ${command}`] : [];
  });
}

function readQuietly(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
