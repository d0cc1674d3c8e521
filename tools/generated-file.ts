/** A file that is made from the sources, committed, and never edited by hand. */
export interface GeneratedFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly build: () => string;
}
