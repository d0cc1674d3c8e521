import { spawn } from 'node:child_process';

/**
 * Runs a program, with `input` on its standard input.
 * @returns the program's standard output
 * @throws Error with the program's standard error if the program cannot be started or does not end with exit code 0
 */
export function runProgram(command: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    child.on('error', (error) => reject(new Error(`${command} cannot be started: ${error.message}`)));
    child.on('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${command} ${args.join(' ')} ended with ${code}: ${errors || output}`));
    });
    // writing fails if the program ends before it has read all input; its exit code and standard error then show why
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
