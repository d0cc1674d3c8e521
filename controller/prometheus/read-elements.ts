import { ElementSplitter } from './split-elements.ts';

/** How every answer begins that is one. */
const SUCCESS = '{"status":"success"';

/**
 * What is kept of each element of the array in an answer's `data`, read element by element: an answer grows with the resources.
 * Undefined when this is no answer, or not all of one.
 */
export async function readElements<T>(
  pieces: AsyncIterable<string>,
  keep: (element: T) => T,
): Promise<readonly T[] | undefined> {
  const splitter = new ElementSplitter();
  const kept: T[] = [];
  let beginning = '';
  for await (const piece of pieces) {
    if (beginning === '') beginning = piece.slice(0, SUCCESS.length);
    for (const element of splitter.push(piece)) kept.push(keep(JSON.parse(element) as T));
  }
  return beginning === SUCCESS && splitter.isComplete ? kept : undefined;
}
