/**
 * Takes a large answer of Prometheus apart while it arrives: the elements of the arrays in its `data`, one text each, so that
 * never more than one of them is held as objects. Rules of a thousand resources are 30 MB as one document. Pure.
 */
const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const OPENING: ReadonlySet<number> = new Set([0x7b, 0x5b]);
const CLOSING: ReadonlySet<number> = new Set([0x7d, 0x5d]);
/** Of an element of `{"data": {"groups": [ELEMENT, …]}}`. */
const ELEMENT_DEPTH = 3;

export class ElementSplitter {
  /** What has come of an element that is not complete, or nothing. */
  #rest = '';
  #depth = 0;
  #isInString = false;

  /** The elements that end in this chunk, as JSON. */
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

  /** Whether what has come is a whole document. */
  get isComplete(): boolean {
    return this.#depth === 0;
  }
}

/** Behind an odd number of backslashes. */
function isEscaped(text: string, at: number): boolean {
  let before = at - 1;
  while (text.charCodeAt(before) === BACKSLASH) before -= 1;
  return (at - before) % 2 === 0;
}
