/** One object of an input file, with the position of each field, so that a problem can name file, line and field. */
export interface SourceDocument {
  readonly file: string;
  /** Number of the document in its file, from 1. */
  readonly index: number;
  readonly value: unknown;
  /** Position of the field in the file, or of its nearest ancestor if the field is missing. */
  locate(path: FieldPath): Position | undefined;
}

export type FieldPath = readonly (string | number)[];

export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface InputProblem {
  readonly file: string;
  readonly document: number;
  readonly line?: number;
  readonly column?: number;
  /** `namespace/name` of the TradingPipeline; absent if the document could not be parsed up to its name. */
  readonly resource?: string;
  /** Path of the field; empty if the problem concerns the whole document. */
  readonly path: string;
  readonly message: string;
}

export function formatProblem({ file, document, line, column, resource, path, message }: InputProblem): string {
  const at = line === undefined ? file : `${file}:${line}:${column}`;
  const what = resource === undefined ? `document ${document}` : `document ${document} (${resource})`;
  return `${at}: ${what}: ${path === '' ? '' : `${path}: `}${message}`;
}

/**
 * Splits a path such as `spec.services[0].name` or `spec.alerts.custom[alert=Low].expr` into steps. A step
 * `[alert=Low]` becomes an index: that of the item whose `alert` is `Low`, in the list at this place in `value`.
 */
export function parseFieldPath(text: string, value: unknown): FieldPath {
  const steps: (string | number)[] = [];
  for (const [, keyed, index, name] of text.matchAll(/\[([^\]]*=[^\]]*)\]|\[(\d+)\]|([^.[\]]+)/g)) {
    if (keyed !== undefined) steps.push(findKeyed(valueAt(value, steps), keyed));
    else steps.push(index === undefined ? (name ?? '') : Number(index));
  }
  return steps;
}

export function formatFieldPath(path: FieldPath): string {
  return path.reduce<string>((at, step) => {
    if (typeof step === 'number') return `${at}[${step}]`;
    return at === '' ? step : `${at}.${step}`;
  }, '');
}

export function valueAt(value: unknown, path: FieldPath): unknown {
  return path.reduce<unknown>((at, step) => {
    const isContainer = at !== null && typeof at === 'object' && Object.hasOwn(at, step);
    return isContainer ? (at as Record<string | number, unknown>)[step] : undefined;
  }, value);
}

function findKeyed(list: unknown, keyed: string): number {
  const [key = '', wanted] = keyed.split('=');
  return Array.isArray(list) ? list.findIndex((item) => valueAt(item, [key]) === wanted) : 0;
}
