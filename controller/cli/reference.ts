/** Builds docs/cli.md from the `--help` text of every command. Pure. */
import type { Command } from 'commander';
import { buildProgram, OLDEST_NODE, PROGRAM } from './build-program.ts';
import type { CommandIo } from './command-io.ts';

const WIDTH = 110;

const INTRODUCTION = `# ${PROGRAM}, the command line

Generated from the program's own help: run \`make generate\`.

\`render\`, \`validate\`, \`explain\` and \`completion\` need no cluster. No command changes a cluster: \`diff\` sends dry runs, \`doctor\` and
\`backtest\` only read. There are three ways to run it:

- In a clone: \`npx ${PROGRAM} …\`, with any Node from 12. If it is older than 24.12, the first run fetches Node 24 into a cache of its own.
- Without a clone: each release has the npm package \`${PROGRAM}-X.Y.Z.tgz\`. It has no dependencies and runs on Node ${OLDEST_NODE} or newer:
  \`npx https://github.com/trading-platform/trading-platform/releases/download/vX.Y.Z/${PROGRAM}-X.Y.Z.tgz …\`
- In a container: \`docker run --rm -v "$PWD:/work" ghcr.io/trading-platform/${PROGRAM}:X.Y.Z validate pipeline.yaml\`

In CI, before a merge, run \`${PROGRAM} validate deploy/*.yaml && ${PROGRAM} diff deploy/*.yaml\`. [Troubleshooting](troubleshooting.md)
explains the cases of \`doctor\`.
`;

export function buildCliReference(): string {
  const program = buildProgram(withoutOutside, () => {});
  const sections = program.commands.map((command) => `## ${command.name()}\n\n${fence(readHelp(command))}`);
  return `${INTRODUCTION}\n${fence(readHelp(program))}\n${sections.join('\n')}`;
}

/** A CommandIo that does nothing, because printing help neither reads nor writes. */
const withoutOutside: CommandIo = {
  out: () => {},
  err: () => {},
  read: async () => '',
  now: () => new Date(0),
};

function readHelp(command: Command): string {
  let help = '';
  command.configureOutput({
    writeOut: (text) => {
      help += text;
    },
    getOutHelpWidth: () => WIDTH,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return help;
}

function fence(text: string): string {
  return `\`\`\`text\n${text.trim()}\n\`\`\`\n`;
}
