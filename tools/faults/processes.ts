/** Faults of the stack's processes: a process is stopped, frozen, started with other environment variables, or leaks memory. */
import type { StackUnderTest } from '../observe/stack-under-test.ts';
import type { Heal } from './heal.ts';

/** Stops one process of the stack; healing starts it again. */
export async function stopProcess(stack: StackUnderTest, name: string): Promise<Heal> {
  await runOrThrow(stack, 'stop', name);
  return () => runOrThrow(stack, 'start', name);
}

/** Suspends one process: the process exists but does nothing, as if its machine swapped or its network were cut. */
export async function freezeProcess(stack: StackUnderTest, name: string): Promise<Heal> {
  const pid = stack.pids()[name];
  if (pid === undefined) throw new Error(`${name} cannot be frozen: the stack has no running process of that name`);
  process.kill(pid, 'SIGSTOP');
  return async () => {
    process.kill(pid, 'SIGCONT');
  };
}

/** Restarts one process with these environment variables in addition; healing restarts it without them. */
export async function restartWith(stack: StackUnderTest, name: string, environment: NodeJS.ProcessEnv): Promise<Heal> {
  await restart(stack.withEnvironment(environment), name);
  return () => restart(stack, name);
}

/** Stops one process of the stack and starts it again. */
export async function restart(stack: StackUnderTest, name: string): Promise<void> {
  await runOrThrow(stack, 'stop', name);
  await runOrThrow(stack, 'start', name);
}

/** Restarts a service so that it allocates this much memory and never frees it. */
export function leakMemory(stack: StackUnderTest, service: string, bytes: number): Promise<Heal> {
  // NODE_OPTIONS also reaches the command that starts the service; that command must not leak
  const leak = `if (process.argv[1]?.includes('services/${service}')) globalThis.leak = Buffer.alloc(${bytes}, 1);`;
  const module = `data:text/javascript,${encodeURIComponent(leak)}`;
  return restartWith(stack, service, { NODE_OPTIONS: `--import=${module}` });
}

async function runOrThrow(stack: StackUnderTest, ...command: readonly string[]): Promise<void> {
  const { code, output } = await stack.run(...command);
  if (code !== 0) throw new Error(`${command.join(' ')} ended with exit code ${code}: ${output}`);
}
