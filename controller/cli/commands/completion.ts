import type { Command } from 'commander';
import { type CommandIo, type ExitCode, exitCodes } from '../command-io.ts';
import { buildCompletion, type Shell } from '../completion/build-completion.ts';
import { explainedAlerts, resourceAlerts } from '../explain-alert.ts';

export function handleCompletion(shell: Shell, program: Command, io: CommandIo): ExitCode {
  io.out(buildCompletion(shell, program.name(), describeCommands(program)));
  return exitCodes.ok;
}

/** What there is to complete, as data: read from the program itself, so that no script can name what is not there. */
export interface DescribedCommand {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly DescribedOption[];
  /** What its arguments can be: these words, or else files where it takes files. */
  readonly words: readonly string[];
  readonly takesFiles: boolean;
}

export interface DescribedOption {
  readonly long: string;
  readonly short?: string;
  readonly description: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
  readonly takesFile: boolean;
}

export function describeCommands(program: Command): DescribedCommand[] {
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
