import { spawn } from 'node:child_process';

/** Thrown if a command failed. The user has seen the command's own output, which says why. */
export class StepFailed extends Error {}

/**
 * Prints a command, runs it, and passes its output on to the user.
 * @throws StepFailed if the command cannot be started or does not end with exit code 0
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
