interface OpenApiDocument {
  paths?: Readonly<Record<string, Readonly<Record<string, { requestBody?: unknown }>>>>;
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

/** Says that request bodies have no other fields than those listed, because the API refuses unknown fields. */
export function closeRequestBodies<Document extends object>(document: Document): Document {
  const { paths = {}, components: { schemas = {} } = {} } = document as OpenApiDocument;
  const bodies = Object.values(paths).flatMap((item) => Object.values(item).map(({ requestBody }) => requestBody));
  const waiting: unknown[] = [...bodies];
  const seen = new Set<unknown>();
  for (let part = waiting.pop(); waiting.length > 0 || part !== undefined; part = waiting.pop()) {
    if (typeof part !== 'object' || part === null || seen.has(part)) continue;
    seen.add(part);
    if ('properties' in part && 'type' in part && part.type === 'object')
      Object.assign(part, { additionalProperties: false });
    waiting.push(...findReferences(part).map((name) => schemas[name]), ...Object.values(part));
  }
  return document;
}
