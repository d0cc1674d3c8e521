interface OpenApiDocument {
  components?: { schemas?: Readonly<Record<string, unknown>> };
}

const PREFIX = '#/components/schemas/';

/**
 * Returns the document without schemas that no path uses, directly or through other schemas. Sorts the remaining
 * schemas by name.
 */
export function pruneSchemas<Document extends object>(document: Document): Document {
  const { components: { schemas = {}, ...others } = {}, ...rest } = document as OpenApiDocument;
  const used = new Set<string>();
  const waiting = findReferences(rest);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (used.has(name)) continue;
    used.add(name);
    waiting.push(...findReferences(schemas[name]));
  }
  const kept = Object.entries(schemas).filter(([name]) => used.has(name));
  kept.sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...document, components: { ...others, schemas: Object.fromEntries(kept) } };
}

/** Returns the names of the schemas that a part of the document refers to, with repeats. */
export function findReferences(part: unknown): string[] {
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([key, value]) =>
    key === '$ref' && typeof value === 'string' && value.startsWith(PREFIX)
      ? [value.slice(PREFIX.length)]
      : findReferences(value),
  );
}

/**
 * Returns the document without the patterns that zod adds to `format: date-time`, because they are long and redundant.
 */
export function dropTimePatterns<Document extends object>(document: Document): Document {
  return JSON.parse(JSON.stringify(document), (_key, value) => {
    if (value?.format === 'date-time') delete value.pattern;
    return value;
  });
}
