import { isMap, isScalar, type Pair, parse, parseDocument, type Scalar, type YAMLMap } from 'yaml';

/** A field of values.yaml, with its comment. */
export interface ValueField {
  readonly path: readonly string[];
  readonly description: string;
  /** JSON Schema keywords from the `@schema` lines of the field's comment. */
  readonly keywords: Readonly<Record<string, unknown>>;
  readonly value: unknown;
  /**
   * Fields of a map that is written over several lines. Empty for a scalar, a list, and a map in one line, because such a map
   * is a single default value.
   */
  readonly fields: readonly ValueField[];
}

const ANNOTATION = '@schema ';

/**
 * Reads the fields of a chart's values.yaml, in order. The comment before a field is its description; a line of it that begins
 * with `@schema` is a YAML map of JSON Schema keywords.
 * @throws Error if the keywords are not valid YAML
 */
export function readValues(text: string): ValueField[] {
  const { contents } = parseDocument(text);
  return isMap(contents) ? readFields(contents as YAMLMap<Scalar<string>>, []) : [];
}

function readFields(map: YAMLMap<Scalar<string>>, path: readonly string[]): ValueField[] {
  // the parser attaches the comment before the first field of a map to the map
  return map.items.map((pair, index) => readField(pair, path, index === 0 ? map.commentBefore : undefined));
}

function readField(
  { key, value }: Pair<Scalar<string>>,
  parent: readonly string[],
  before?: string | null,
): ValueField {
  const path = [...parent, key.value];
  // a blank line ends a comment that is not about the field, such as the one at the top of the file
  const comment = (key.commentBefore ?? before ?? '').split(/\n\s*\n/).at(-1) ?? '';
  const lines = comment.split('\n').map((line) => line.trim());
  const isExpanded = isMap(value) && !value.flow;
  return {
    path,
    description: lines
      .filter((line) => !line.startsWith(ANNOTATION))
      .join(' ')
      .trim(),
    keywords: Object.assign(
      {},
      ...lines.filter((line) => line.startsWith(ANNOTATION)).map((line) => readKeywords(line, path)),
    ),
    value: isScalar(value) ? value.value : (value as YAMLMap).toJSON(),
    fields: isExpanded ? readFields(value as YAMLMap<Scalar<string>>, path) : [],
  };
}

function readKeywords(line: string, path: readonly string[]): object {
  try {
    return parse(line.slice(ANNOTATION.length)) as object;
  } catch (error) {
    throw new Error(`values.yaml, ${path.join('.')}: ${line} is not valid YAML: ${(error as Error).message}`);
  }
}
