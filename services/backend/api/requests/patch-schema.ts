import { z } from 'zod';

/**
 * Returns the schema of a JSON merge patch (RFC 7396) for values of `schema`: every field is optional, at any depth, and
 * null removes a field that may be missing. A patch gets no defaults, because a missing field means no change.
 */
export function patchSchema(schema: z.ZodObject): z.ZodType<Record<string, unknown>> {
  return patchObject([schema]) as z.ZodType<Record<string, unknown>>;
}

/** Builds one object schema whose fields are those of all `objects`, the options of a union. */
function patchObject(objects: readonly z.ZodObject[]): z.ZodType {
  const names = new Set(objects.flatMap(({ shape }) => Object.keys(shape)));
  const fields = [...names].map((name) => {
    const given = objects.flatMap(({ shape }) => (shape[name] ? [shape[name] as z.ZodType] : []));
    const everywhere = given.length === objects.length;
    return [name, patchField(given, !everywhere || given.some((field) => field.safeParse(undefined).success))] as const;
  });
  return z.object(Object.fromEntries(fields));
}

function patchField(options: readonly z.ZodType[], mayBeMissing: boolean): z.ZodType {
  const [description] = options.map((option) => option.description);
  const inner = options
    .map(unwrap)
    .flatMap((option) => (option instanceof z.ZodUnion ? [...option.options] : [option]));
  const objects = inner.filter((option) => option instanceof z.ZodObject);
  const [first, ...others] = inner as [z.ZodType, ...z.ZodType[]];
  const patched = objects.length === inner.length ? patchObject(objects) : others.length > 0 ? z.union(inner) : first;
  const field = mayBeMissing ? patched.nullable().optional() : patched.optional();
  return description === undefined ? field : field.describe(description);
}

/** Returns the schema without defaults, which a patch must not fill in. */
function unwrap(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) {
    return unwrap(schema.unwrap() as z.ZodType);
  }
  return schema;
}
