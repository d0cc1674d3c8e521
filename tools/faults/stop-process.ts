import type { StackUnderTest } from '../observe/stack-under-test.ts';
import type { Heal } from './heal.ts';

/** Ends one process of the stack; healed, it is started again. */
export async function stopProcess(stack: StackUnderTest, name: string): Promise<Heal> {
  await need(stack, 'stop', name);
  return () => need(stack, 'start', name);
}

/** The process is there and does nothing, as one whose machine swaps or whose network is cut. */
export async function freezeProcess(stack: StackUnderTest, name: string): Promise<Heal> {
  const pid = stack.pids()[name];
  if (pid === undefined) throw new Error(`${name} does not run`);
  process.kill(pid, 'SIGSTOP');
  return async () => {
    process.kill(pid, 'SIGCONT');
  };
}

/** Starts one process of the stack again with other variables; healed, it has those of the stack. */
export async function restartWith(stack: StackUnderTest, name: string, environment: NodeJS.ProcessEnv): Promise<Heal> {
  await restart(stack.withEnvironment(environment), name);
  return () => restart(stack, name);
}

/** Starts one process of the stack again, with the variables that its commands have. */
export async function restart(stack: StackUnderTest, name: string): Promise<void> {
  await need(stack, 'stop', name);
  await need(stack, 'start', name);
}

async function need(stack: StackUnderTest, ...command: readonly string[]): Promise<void> {
  const { code, output } = await stack.run(...command);
  if (code !== 0) throw new Error(`${command.join(' ')} failed: ${output}`);
}
