import { type CommandIo, Failure } from '../command-io.ts';
import { parseDocuments } from './parse-documents.ts';
import { type ParsedResources, parseResources } from './parse-resources.ts';

/**
 * Reads the TradingPipelines from files (`-` is standard input), and lists their problems. Skips objects of other kinds, with a
 * note.
 * @throws Failure if a file cannot be read or if the files contain no TradingPipeline
 */
export async function readResources(
  files: readonly string[],
  io: CommandIo,
  defaultNamespace: string,
): Promise<ParsedResources> {
  const parsed = [];
  for (const file of files) parsed.push(parseDocuments(file === '-' ? '<stdin>' : file, await readText(file, io)));
  const documents = parsed.flatMap((one) => one.documents);
  const found = parseResources(documents, defaultNamespace);
  if (found.skipped.length > 0)
    io.err(`note: skipped, because it is not a TradingPipeline: ${found.skipped.join(', ')}`);
  const problems = [...parsed.flatMap((one) => one.problems), ...found.problems];
  if (found.resources.length === 0 && problems.length === 0)
    throw new Failure(`no TradingPipeline in ${files.join(', ')}`);
  return { ...found, problems };
}

async function readText(file: string, io: CommandIo): Promise<string> {
  try {
    return await io.read(file);
  } catch (error) {
    throw new Failure(`${file} cannot be read: ${(error as Error).message}`);
  }
}
