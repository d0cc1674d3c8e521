import type { IncomingMessage } from 'node:http';
import { ElementSplitter } from './split-elements.ts';

/** How every answer begins that is one. */
const SUCCESS = '{"status":"success"';

/**
 * What is kept of each element of the array in an answer's `data`, read element by element: an answer grows with the resources.
 * Undefined when this is no answer, or not all of one.
 */
export async function readElements<T>(
  response: IncomingMessage,
  keep: (element: T) => T,
): Promise<readonly T[] | undefined> {
  response.setEncoding('utf8');
  const splitter = new ElementSplitter();
  const kept: T[] = [];
  let beginning = '';
  for await (const chunk of response) {
    if (beginning === '') beginning = String(chunk).slice(0, SUCCESS.length);
    for (const element of splitter.push(chunk)) kept.push(keep(JSON.parse(element) as T));
  }
  return beginning === SUCCESS && splitter.isComplete ? kept : undefined;
}
