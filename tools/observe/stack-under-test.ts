import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KubeClient } from '#controller/kube/kube-client.ts';
import { readKubeConnection } from '#controller/kube/kube-connection.ts';
import { isFree } from '#local/servers/free-port.ts';
import { planPorts, portNames } from '#local/stack/ports.ts';
import { listProcesses } from '#local/stack/processes/process-table.ts';
import { addresses } from '#local/stack/stack-context.ts';
import { readSettings, repository, type Settings, statePaths } from '#local/stack/state.ts';

interface CommandResult {
  readonly code: number;
  readonly output: string;
}

/** A platform that `make up` started on this machine, and the commands that act on it. */
export interface StackUnderTest {
  readonly environment: NodeJS.ProcessEnv;
  readonly paths: ReturnType<typeof statePaths>;
  /** Runs a command of local/main.ts, such as `run('stop', 'kafka')`. If the command fails, returns its result instead of throwing. */
  run(...args: readonly string[]): Promise<CommandResult>;
  /** Returns the same stack; its commands get these environment variables in addition. */
  withEnvironment(more: NodeJS.ProcessEnv): StackUnderTest;
  /** Ports and passwords that `up` chose. Available only once `up` has run. */
  settings(): Settings;
  /** URLs of the stack's servers. */
  at(): ReturnType<typeof addresses>;
  /** Opens a client of the stack's API server. The caller closes it. */
  kube(): KubeClient;
  /** Ids of the processes that run, by process name. */
  pids(): Readonly<Record<string, number>>;
}

/** Plans a stack that shares no port and no file with the developer's own: its state goes into `folder`. Nothing is started. */
export async function planStack(folder: string): Promise<StackUnderTest> {
  const state = join(folder, 'state');
  return stackOf({ ...process.env, TRADING_PLATFORM_STATE: state, PORT_OFFSET: String(await findFreeOffset()) });
}

/** Returns the stack that these environment variables select: TRADING_PLATFORM_STATE is its folder. */
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

/** Finds a PORT_OFFSET with which every port of the stack is free. */
async function findFreeOffset(): Promise<number> {
  for (let offset = 10_000; offset < 20_000; offset += 100) {
    const ports = planPorts({ PORT_OFFSET: String(offset) });
    const free = await Promise.all(portNames.map((name) => isFree(ports[name])));
    if (free.every(Boolean)) return offset;
  }
  throw new Error(
    'no PORT_OFFSET between 10000 and 20000 leaves every port of the stack free: stop the stacks you do not need',
  );
}

/** Runs `node local/main.ts …` as the Makefile does, and returns its exit code with its standard output and standard error. */
export function runLocal(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<CommandResult> {
  return new Promise((resolve) => {
    const command = [join(repository, 'local', 'main.ts'), ...args];
    execFile(process.execPath, command, { env: environment, cwd: repository }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, output: stdout + stderr });
    });
  });
}

/** Lists the processes of this machine that mention the folder in their command or environment. Reads /proc, so Linux only. */
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
