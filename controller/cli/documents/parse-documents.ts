/**
 * Splits the content of a file into documents and keeps the position of every field. Reads scalars as `kubectl` does (YAML
 * 1.1): `yes`, `no`, `on` and `off` are booleans. Pure.
 */
import { type Document, isAlias, isNode, LineCounter, type ParsedNode, parseAllDocuments, type Tags } from 'yaml';
import type { FieldPath, InputProblem, Position, SourceDocument } from './source-document.ts';

interface ParsedDocuments {
  readonly documents: readonly SourceDocument[];
  readonly problems: readonly InputProblem[];
}

export function parseDocuments(file: string, text: string): ParsedDocuments {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines, schema: 'yaml-1.1', customTags: withoutTimes });
  const documents: SourceDocument[] = [];
  const problems: InputProblem[] = [];
  for (const [place, document] of [...parsed].entries()) {
    const index = place + 1;
    problems.push(...document.errors.map((error) => syntaxProblem(file, index, error)));
    if (document.errors.length > 0 || document.contents === null) continue;
    const value = readValue(document);
    if (value instanceof Error) problems.push({ file, document: index, path: '', message: value.message });
    else if (value !== null) documents.push({ file, index, value, locate: (path) => locate(document, lines, path) });
  }
  return { documents, problems };
}

/** Drops the time types of YAML 1.1: Kubernetes reads `1:30` and `2026-01-01` as strings. */
function withoutTimes(tags: Tags): Tags {
  return tags.filter((tag) => {
    if (typeof tag === 'string') return tag !== 'timestamp' && tag !== 'intTime' && tag !== 'floatTime';
    return tag.tag !== 'tag:yaml.org,2002:timestamp' && !('format' in tag && tag.format === 'TIME');
  });
}

/** Returns the document's value, or an error if the document's aliases expand without end ("billion laughs"). */
function readValue(document: Document.Parsed<ParsedNode>): unknown {
  try {
    return document.toJS();
  } catch (error) {
    return error as Error;
  }
}

interface SyntaxProblem {
  readonly message: string;
  readonly linePos?: readonly [{ line: number; col: number }, ...unknown[]];
}

function syntaxProblem(file: string, document: number, { message, linePos }: SyntaxProblem): InputProblem {
  const [first = ''] = message.split('\n');
  const place = linePos && { line: linePos[0].line, column: linePos[0].col };
  return { file, document, ...place, path: '', message: `is not YAML: ${first.replace(/ at line \d+.*$/, '')}` };
}

function locate(document: Document, lines: LineCounter, path: FieldPath): Position | undefined {
  for (let length = path.length; length >= 0; length--) {
    const steps = path.slice(0, length);
    const node = length === 0 ? document.contents : document.getIn(steps, true);
    if (!isNode(node) || isAlias(node) || !node.range) continue;
    const { line, col } = lines.linePos(node.range[0]);
    return { line, column: col };
  }
  return undefined;
}
