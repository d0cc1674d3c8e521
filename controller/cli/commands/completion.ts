import type { Command } from 'commander';
import { buildCompletion, type DescribedCommand, type DescribedOption, type Shell } from '../build-completion.ts';
import { type CommandIo, type ExitCode, exitCodes } from '../command-io.ts';
import { explainedAlerts, resourceAlerts } from '../explain-alert.ts';

/** Prints the completion script of a shell. */
export function handleCompletion(shell: Shell, program: Command, io: CommandIo): ExitCode {
  io.out(buildCompletion(shell, program.name(), describeCommands(program)));
  return exitCodes.ok;
}

/** Reads commands, options and choices from the program itself, so that the scripts never offer an option that does not exist. */
function describeCommands(program: Command): DescribedCommand[] {
  return program.commands.map((command) => {
    const [argument] = command.registeredArguments;
    return {
      name: command.name(),
      summary: command.summary(),
      options: [...command.options.map(describeOption), help],
      words: argument?.name() === 'alert' ? explainedAlerts : (argument?.argChoices ?? []),
      takesFiles: argument?.name() === 'file',
    };
  });
}

const help: DescribedOption = {
  ...{ long: '--help', short: '-h', description: 'display help for command' },
  ...{ takesValue: false, choices: [], takesFile: false },
};

function describeOption({
  long = '',
  short,
  description,
  flags,
  argChoices,
}: Command['options'][number]): DescribedOption {
  return {
    long,
    ...(short && { short }),
    description,
    takesValue: flags.includes('<'),
    choices: long === '--alert' ? resourceAlerts : (argChoices ?? []),
    takesFile: flags.includes('<file>'),
  };
}
