/** One document of a file, and one object in it: what problems are reported against. */
export interface SourceDocument {
  readonly file: string;
  /** From 1, among the documents of its file. */
  readonly index: number;
  readonly value: unknown;
  /** Where a field stands in the file, or the nearest field above it that does. */
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
  /** `namespace/name` of the resource, once it has one. */
  readonly resource?: string;
  /** Path of the field; empty for the document itself. */
  readonly path: string;
  readonly message: string;
}

export function formatProblem({ file, document, line, column, resource, path, message }: InputProblem): string {
  const at = line === undefined ? file : `${file}:${line}:${column}`;
  const what = resource === undefined ? `document ${document}` : `document ${document} (${resource})`;
  return `${at}: ${what}: ${path === '' ? '' : `${path}: `}${message}`;
}

/** `spec.services[0].name` or `spec.alerts.custom[alert=Low].expr` → steps; a `key=value` step is looked up in the value. */
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
