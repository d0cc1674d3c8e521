/** Runs the command line in this process, against real files, a real cluster and a real Prometheus. */
import { type CommandIo, openCommandIo } from '#controller/cli/command-io.ts';
import { runCli } from '#controller/cli/run-cli.ts';

interface CliRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** @param stdin text that the command reads for the file `-` */
export async function cli(args: readonly string[], stdin = ''): Promise<CliRun> {
  const real = openCommandIo();
  const run = { out: '', err: '' };
  const io: CommandIo = {
    out: (text) => {
      run.out += text;
    },
    err: (line) => {
      run.err += `${line}\n`;
    },
    read: async (file) => (file === '-' ? stdin : real.read(file)),
    now: real.now,
  };
  return { code: await runCli(args, io), ...run };
}
