/**
 * Reads a large response of Prometheus element by element while it arrives, so that only one parsed element at a time
 * is in memory. The rules of a thousand TradingPipelines are one JSON document of 30 MB.
 */
/** Every successful response begins with this text. */
const SUCCESS = '{"status":"success"';

/**
 * Returns the result of `keep` for each element of the array in the response's `data`. Returns undefined if the response is
 * incomplete or not a success.
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

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const OPENING: ReadonlySet<number> = new Set([0x7b, 0x5b]);
const CLOSING: ReadonlySet<number> = new Set([0x7d, 0x5d]);
/** Number of open braces and brackets around an element of `{"data": {"groups": [ELEMENT, …]}}`. */
const ELEMENT_DEPTH = 3;

/** Splits a JSON document, given in chunks, into the elements of the arrays in its `data`. Pure. */
export class ElementSplitter {
  /** The start of an element that is not complete yet. */
  #rest = '';
  #depth = 0;
  #isInString = false;

  /** Returns the elements that end in this chunk, as JSON. */
  push(chunk: string): string[] {
    const elements: string[] = [];
    const text = this.#rest + chunk;
    let start = this.#rest === '' ? -1 : 0;
    for (let at = this.#rest.length; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (this.#isInString) {
        if (code === QUOTE && !isEscaped(text, at)) this.#isInString = false;
      } else if (code === QUOTE) this.#isInString = true;
      else if (OPENING.has(code)) {
        if (this.#depth === ELEMENT_DEPTH) start = at;
        this.#depth += 1;
      } else if (CLOSING.has(code)) {
        this.#depth -= 1;
        if (this.#depth !== ELEMENT_DEPTH || start < 0) continue;
        elements.push(text.slice(start, at + 1));
        start = -1;
      }
    }
    this.#rest = start < 0 ? '' : text.slice(start);
    return elements;
  }

  /** True if the chunks so far form a whole document. */
  get isComplete(): boolean {
    return this.#depth === 0;
  }
}

/** Returns whether the character at `at` follows an odd number of backslashes. */
function isEscaped(text: string, at: number): boolean {
  let before = at - 1;
  while (text.charCodeAt(before) === BACKSLASH) before -= 1;
  return (at - before) % 2 === 0;
}
