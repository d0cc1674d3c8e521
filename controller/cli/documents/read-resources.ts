import { type CommandIo, Failure } from '../command-io.ts';
import { parseDocuments } from './parse-documents.ts';
import { type ParsedResources, parseResources } from './parse-resources.ts';

/** The TradingPipelines of files, `-` for standard input, and what is wrong with them. Other kinds are left aside, with a note. */
export async function readResources(
  files: readonly string[],
  io: CommandIo,
  defaultNamespace: string,
): Promise<ParsedResources> {
  const parsed = [];
  for (const file of files) parsed.push(parseDocuments(file === '-' ? '<stdin>' : file, await readText(file, io)));
  const documents = parsed.flatMap((one) => one.documents);
  const found = parseResources(documents, defaultNamespace);
  if (found.skipped.length > 0) io.err(`note: not a TradingPipeline, left aside: ${found.skipped.join(', ')}`);
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
