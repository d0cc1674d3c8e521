/** Reads one action of a Go template, the text between {{ and }}. Pure. Throws TemplateError for anything that Go refuses. */
export class TemplateError extends Error {}

/** https://prometheus.io/docs/prometheus/latest/configuration/template_reference/ and Go's own. */
const functions = new Set(
  [
    'query first label value sortByLabel strvalue safeHtml externalURL pathPrefix tableLink graphLink parseDuration toTime',
    'humanize humanize1024 humanizeDuration humanizePercentage humanizeTimestamp args title toUpper toLower stripPort stripDomain',
    'match reReplaceAll and or not eq ne lt le gt ge len index slice print printf println html js urlquery call',
  ].flatMap((line) => line.split(' ')),
);

/** Tried in this order. The lookaheads end a variable, field or word exactly where Go's lexer does. */
const lexemes = {
  space: /[ \t\r\n]+/y,
  string: /"(?:[^"\\\n]|\\[abfnrtv\\"])*"|`[^`]*`/y,
  number: /[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?(?![\w.])/y,
  variable: /\$\w*(?:\.[A-Za-z_]\w*)*(?=[\s|),:]|$)/y,
  field: /(?:\.[A-Za-z_]\w*)+(?=[\s|),]|$)/y,
  dot: /\.(?=[\s|),]|$)/y,
  word: /[A-Za-z_]\w*(?=[\s|),(]|$)/y,
  declare: /:=/y,
  assign: /=/y,
  mark: /[|(),]/y,
} as const;
type Kind = keyof typeof lexemes | 'end';

interface Lexeme {
  readonly kind: Kind;
  readonly text: string;
}

const literals = new Set<Kind>(['string', 'number', 'dot']);
const constants = new Set(['true', 'false', 'nil']);

export class ActionReader {
  readonly #action: string;
  readonly #isDefined: (variable: string) => boolean;
  #at = 0;

  constructor(action: string, isDefined: (variable: string) => boolean) {
    this.#action = action;
    this.#isDefined = isDefined;
  }

  /** Reads the next word if it is one of these; otherwise reads nothing and returns undefined. */
  readKeyword(keywords: ReadonlySet<string>): string | undefined {
    const next = this.#peek();
    if (next.kind !== 'word' || !keywords.has(next.text)) return undefined;
    return this.#take().text;
  }

  readEnd(): void {
    this.skipSpace();
    const next = this.#peek();
    if (next.kind !== 'end') throw new TemplateError(`has ${next.text} where it should end`);
  }

  /** Reads a pipeline to the end of the action. Returns the variables that it declares. */
  readPipeline(inRange: boolean): string[] {
    const declared = this.#readDeclaration(inRange);
    this.#readCommands();
    this.readEnd();
    return declared;
  }

  #readDeclaration(inRange: boolean): string[] {
    const start = this.#at;
    const names = [this.#readVariableName()];
    if (inRange && this.#readMark(',')) names.push(this.#readVariableName());
    this.skipSpace();
    const next = this.#peek();
    const found = names.filter((name) => name !== undefined);
    if (
      found.length === names.length &&
      (next.kind === 'declare' || (next.kind === 'assign' && found.every(this.#isDefined)))
    ) {
      this.#take();
      return next.kind === 'declare' ? found : [];
    }
    this.#at = start;
    return [];
  }

  #readVariableName(): string | undefined {
    this.skipSpace();
    const next = this.#peek();
    return next.kind === 'variable' && /^\$\w+$/.test(next.text) ? this.#take().text : undefined;
  }

  #readCommands(): void {
    let stage = 0;
    do {
      this.skipSpace();
      const first = this.#readCommand();
      const cannotTake = literals.has(first.kind) || constants.has(first.text);
      if (stage++ > 0 && cannotTake) throw new TemplateError(`pipes into ${first.text}, which takes nothing`);
    } while (this.#readMark('|'));
  }

  /** Reads operands with space between them. Returns the first. */
  #readCommand(): Lexeme {
    const first = this.#readOperand();
    while (this.skipSpace()) {
      const { kind, text } = this.#peek();
      if (kind === 'end' || text === '|' || text === ')') break;
      this.#readOperand();
    }
    return first;
  }

  #readOperand(): Lexeme {
    const operand = this.#take();
    if (operand.text === '(') return this.#readParenthesis(operand);
    if (operand.kind === 'variable') this.#needDefined(operand.text);
    else if (operand.kind === 'word') this.#needFunction(operand.text);
    else if (operand.kind !== 'field' && !literals.has(operand.kind)) {
      throw new TemplateError(
        operand.kind === 'end' ? 'ends too early' : `has ${operand.text} where a value should be`,
      );
    }
    return operand;
  }

  #readParenthesis(open: Lexeme): Lexeme {
    this.#readCommands();
    if (!this.#readMark(')')) throw new TemplateError('has ( without )');
    if (this.#peek().kind === 'field') this.#take();
    return open;
  }

  #needDefined(variable: string): void {
    const name = variable.split('.')[0] ?? '';
    if (!this.#isDefined(name)) throw new TemplateError(`has the variable ${name}, which is not defined`);
  }

  #needFunction(name: string): void {
    if (!functions.has(name) && !constants.has(name))
      throw new TemplateError(`has the function ${name}, which does not exist`);
  }

  #readMark(mark: string): boolean {
    this.skipSpace();
    if (this.#peek().text !== mark) return false;
    this.#take();
    return true;
  }

  skipSpace(): boolean {
    if (this.#peek().kind !== 'space') return false;
    this.#take();
    return true;
  }

  #take(): Lexeme {
    const next = this.#peek();
    this.#at += next.text.length;
    return next;
  }

  #peek(): Lexeme {
    if (this.#at >= this.#action.length) return { kind: 'end', text: '' };
    for (const [kind, pattern] of Object.entries(lexemes)) {
      pattern.lastIndex = this.#at;
      const found = pattern.exec(this.#action);
      if (found) return { kind: kind as Kind, text: found[0] };
    }
    throw new TemplateError(`is not understood at ${JSON.stringify(this.#action.slice(this.#at, this.#at + 12))}`);
  }
}
