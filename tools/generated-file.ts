import { stringify } from 'yaml';

/** A file that is built from the sources, committed, and never edited by hand. */
export interface GeneratedFile {
  /** Path from the root of the repository. */
  readonly path: string;
  readonly build: () => string;
}

/**
 * Prints YAML documents with the note that they are generated. Lines are not folded and anchors are not used: a change of one
 * field changes one line, and every YAML reader can read the file.
 */
export function printYaml(...documents: readonly object[]): string {
  const options = { lineWidth: 0, aliasDuplicateObjects: false };
  return `# Generated: run \`make generate\`.\n${documents.map((one) => stringify(one, options)).join('---\n')}`;
}

export function printJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
