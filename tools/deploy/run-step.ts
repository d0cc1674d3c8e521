import { spawn } from 'node:child_process';

/** A command ended with an error that it has already told about. */
export class StepFailed extends Error {}

/**
 * Runs a command whose output the user is to see.
 * @throws StepFailed when it ends with another code than 0
 */
export function runStep(
  command: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  console.log(`$ ${[command, ...args].join(' ')}`);
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', env: environment });
    child.on('error', (error) => reject(new StepFailed(`${command} cannot be started: ${error.message}`)));
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new StepFailed(`${command} ended with ${signal ?? code}`));
    });
  });
}
