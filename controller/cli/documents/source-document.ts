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
