import { type CommandIo, type ExitCode, exitCodes, type OutputFormat, printValue } from '../command-io.ts';
import { compileResources } from '../compile-resources.ts';
import { readResources } from '../documents/read-resources.ts';
import { formatProblem } from '../documents/source-document.ts';

export interface ValidateOptions {
  readonly namespace: string;
  /** Output format. Prints text if absent. */
  readonly output?: OutputFormat;
}

/** Prints every problem that can be found without a cluster. Names the file, the document and the field of each problem. */
export async function handleValidate(
  files: readonly string[],
  options: ValidateOptions,
  io: CommandIo,
): Promise<ExitCode> {
  const { resources, problems } = await readResources(files, io, options.namespace);
  const all = [...problems, ...compileResources(resources).flatMap((one) => one.problems)];
  if (options.output) io.out(printValue({ resources: resources.length, problems: all }, options.output));
  else {
    for (const problem of all) io.out(`${formatProblem(problem)}\n`);
    io.err(all.length > 0 ? countOf(all.length, 'problem') : `${countOf(resources.length, 'TradingPipeline')} valid`);
  }
  return all.length > 0 ? exitCodes.wrong : exitCodes.ok;
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
