import type { Command } from 'commander';
import type { CommandIo } from '../command-io.ts';
import { buildCompletion, type Shell } from '../completion/build-completion.ts';
import { describeCommands } from '../completion/describe-commands.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';

export function handleCompletion(shell: Shell, program: Command, io: CommandIo): ExitCode {
  io.out(buildCompletion(shell, program.name(), describeCommands(program)));
  return exitCodes.ok;
}
