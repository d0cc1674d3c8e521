/**
 * Checks whether Prometheus would load a text as a template (Go's text/template with Prometheus' functions). Pure. Prometheus refuses
 * the whole PrometheusRule for one label or annotation with a wrong template. Nested templates (define, block, template), break and
 * continue are refused too: an alert's text does not need them.
 */
import { ActionReader, TemplateError } from './template-action.ts';

/** Returns what is wrong with the text, or undefined. */
export function checkTemplate(text: string): string | undefined {
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

/** An action: from {{ to the first }} outside quotes, each with or without a trim mark (-). */
const actionPattern =
  /\{\{(?:-(?=[ \t\r\n]))?((?:"(?:[^"\\\n]|\\.)*"|`[^`]*`|(?![ \t\r\n]-\}\})(?!\}\})[^"`'])*)(?:[ \t\r\n]-)?\}\}/y;
const commentPattern = /\{\{(?:-[ \t\r\n]+)?\/\*[\s\S]*?\*\/(?:[ \t\r\n]+-)?\}\}/y;

/** Yields the text of each action between {{ and }}, or undefined for an action that does not end. Skips comments. */
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
