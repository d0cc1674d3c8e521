/**
 * Derives an id from a name and a suffix that makes the id unique. `Golden Cross!` and `3fa1` become
 * `golden-cross-3fa1`.
 */
export function buildPipelineId(name: string, suffix: string): string {
  const words = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return [words.slice(0, 60).replace(/-+$/, '') || 'pipeline', suffix].join('-');
}
