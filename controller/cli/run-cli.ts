import { type Command, CommanderError } from 'commander';
import { PrometheusError } from '../prometheus/prometheus-client.ts';
import { buildProgram } from './build-program.ts';
import { type CommandIo, type ExitCode, exitCodes, Failure } from './command-io.ts';

/**
 * Runs one command line and returns its exit code. `args` leaves out the program's own name.
 * @throws every error other than Failure and PrometheusError, because it is a defect and must keep its stack trace
 */
export async function runCli(args: readonly string[], io: CommandIo): Promise<ExitCode> {
  let code: ExitCode = exitCodes.ok;
  const program = buildProgram(io, (ended) => {
    code = ended;
  });
  for (const command of [program, ...program.commands]) routeOutput(command, io);
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.failed;
    if (!(error instanceof Failure || error instanceof PrometheusError)) throw error;
    io.err(error.message);
    return exitCodes.failed;
  }
}

/**
 * By default commander writes to the process's streams and exits the process. This function sends commander's output to
 * `io` and makes commander throw instead of exit.
 */
function routeOutput(command: Command, io: CommandIo): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => io.out(text),
    writeErr: (text) => io.err(text.replace(/\n$/, '')),
  });
}
