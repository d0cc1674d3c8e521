/**
 * Checks whether Prometheus would accept a string as a template (Go's text/template with Prometheus' functions).
 * Prometheus refuses the whole PrometheusRule if one label or annotation contains an invalid template. The check also
 * refuses nested templates (define, block, template), break and continue, because alerts do not need them. Pure.
 */
/** Returns what is wrong with the template, or undefined if it is valid. */
export function checkTemplate(text: string): string | undefined {
  const excess = findTemplateExcess(text);
  if (excess) return excess;
  const template = new TemplateChecker();
  for (const action of splitActions(text)) {
    if (action === undefined) return 'has {{ without }}, or a quote that does not end';
    try {
      template.read(action);
    } catch (error) {
      if (error instanceof TemplateError) return `{{${action}}} ${error.message}`;
      throw error;
    }
  }
  return template.isComplete ? undefined : 'has a block without {{ end }}';
}

const MOST_LEVELS = 200;

/** Returns whether brackets or blocks nest too deeply for the check, which follows them with the stack; undefined if not. */
export function findTemplateExcess(text: string): string | undefined {
  let depth = 0;
  for (const [bracket] of text.matchAll(/\(|\)|\{\{-?\s*(?:if|range|with|end)\b/g)) {
    depth = Math.max(0, depth + (bracket === ')' || bracket.endsWith('end') ? -1 : 1));
    if (depth > MOST_LEVELS) return `nests more than ${MOST_LEVELS} levels deep`;
  }
  return undefined;
}

/** Matches an action of a template, from {{ to the first }} outside quotes. Both ends may have a trim mark (-). */
const actionPattern =
  /\{\{(?:-(?=[ \t\r\n]))?((?:"(?:[^"\\\n]|\\.)*"|`[^`]*`|(?![ \t\r\n]-\}\})(?!\}\})[^"`'])*)(?:[ \t\r\n]-)?\}\}/y;
const commentPattern = /\{\{(?:-[ \t\r\n]+)?\/\*[\s\S]*?\*\/(?:[ \t\r\n]+-)?\}\}/y;

/**
 * Yields the text between {{ and }} of each action of a template, or undefined for an action that does not end. Skips
 * comments.
 */
function* splitActions(text: string): Generator<string | undefined> {
  let at = text.indexOf('{{');
  while (at >= 0) {
    commentPattern.lastIndex = actionPattern.lastIndex = at;
    const comment = commentPattern.exec(text);
    const action = comment ? undefined : actionPattern.exec(text);
    if (!comment) yield action?.[1];
    if (!comment && !action) return;
    at = text.indexOf('{{', at + (comment?.[0] ?? action?.[0] ?? '').length);
  }
}

const keywords = new Set(['if', 'range', 'with', 'else', 'end', 'define', 'block', 'template', 'break', 'continue']);

interface Block {
  readonly kind: 'if' | 'range' | 'with';
  readonly variables: Set<string>;
  hasElse: boolean;
}

class TemplateChecker {
  readonly #blocks: Block[] = [];
  readonly #variables = new Set(['$', '$labels', '$value', '$externalLabels', '$externalURL']);

  get isComplete(): boolean {
    return this.#blocks.length === 0;
  }

  read(action: string): void {
    const reader = new ActionReader(action.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, ''), (name) => this.#isDefined(name));
    const keyword = reader.readKeyword(keywords);
    if (keyword === 'end') this.#end(reader);
    else if (keyword === 'else') this.#else(reader);
    else if (keyword === 'if' || keyword === 'range' || keyword === 'with') this.#begin(reader, keyword);
    else if (keyword !== undefined) throw new TemplateError(`uses ${keyword}, which an alert's text cannot`);
    else this.#declare(reader.readPipeline(false));
  }

  #begin(reader: ActionReader, kind: Block['kind']): void {
    const variables = new Set(reader.readPipeline(kind === 'range'));
    this.#blocks.push({ kind, variables, hasElse: false });
  }

  #else(reader: ActionReader): void {
    const block = this.#blocks.at(-1);
    if (!block || block.hasElse) throw new TemplateError('has no if, range or with before it');
    reader.skipSpace();
    if (reader.readKeyword(new Set(['if'])) === undefined) {
      reader.readEnd();
      block.hasElse = true;
    } else if (block.kind !== 'if') throw new TemplateError(`stands in a ${block.kind}`);
    else reader.readPipeline(false);
  }

  #end(reader: ActionReader): void {
    reader.readEnd();
    if (!this.#blocks.pop()) throw new TemplateError('has no beginning');
  }

  #declare(names: readonly string[]): void {
    const scope = this.#blocks.at(-1)?.variables ?? this.#variables;
    for (const name of names) scope.add(name);
  }

  #isDefined(name: string): boolean {
    return this.#variables.has(name) || this.#blocks.some(({ variables }) => variables.has(name));
  }
}

/** Thrown for any part of a template's action that Go would refuse. */
class TemplateError extends Error {}

/**
 * Names of the functions that a template may call: Go's predefined functions, and Prometheus' functions of
 * https://prometheus.io/docs/prometheus/latest/configuration/template_reference/
 */
const functions = new Set(
  [
    'query first label value sortByLabel strvalue safeHtml externalURL pathPrefix tableLink graphLink parseDuration toTime',
    'humanize humanize1024 humanizeDuration humanizePercentage humanizeTimestamp args title toUpper toLower stripPort stripDomain',
    'match reReplaceAll and or not eq ne lt le gt ge len index slice print printf println html js urlquery call',
  ].flatMap((line) => line.split(' ')),
);

/**
 * Patterns of the lexemes of a template's action, tried in this order. The lookaheads end a variable, field or word
 * exactly where Go's lexer does.
 */
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

/** Reads one action of a template, the text between {{ and }}. @throws TemplateError */
class ActionReader {
  readonly #action: string;
  readonly #isDefined: (variable: string) => boolean;
  #at = 0;

  constructor(action: string, isDefined: (variable: string) => boolean) {
    this.#action = action;
    this.#isDefined = isDefined;
  }

  /** Reads and returns the next word if it is one of `keywords`; otherwise reads nothing and returns undefined. */
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

  /**
   * Reads a template pipeline (commands joined by |) to the end of the action. Returns the variables that the pipeline
   * declares.
   */
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

  /** Reads one command of a template pipeline, that is, operands separated by space. Returns the first operand. */
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
