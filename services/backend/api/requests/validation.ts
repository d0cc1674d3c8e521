import type { FastifySchemaCompiler } from 'fastify';
import type { z } from 'zod';
import { invalidRequest } from '../errors/api-problem.ts';
import { compileFieldErrors, findUnknownFields } from './field-errors.ts';

/**
 * Parses a value by its schema. Unlike zod alone, this function refuses fields that the schema does not know.
 * @throws ApiProblem `invalid-request` that names each wrong field
 */
export function parseStrictly<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  const wrong = result.success ? findUnknownFields(value, result.data) : compileFieldErrors(result.error.issues);
  if (wrong.errors.length > 0) throw invalidRequest(wrong);
  return result.data as z.output<Schema>;
}

/** Makes fastify validate path, query and body with parseStrictly. No route has a schema for headers. */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> =
  ({ schema }) =>
  (value: unknown) => {
    try {
      // Fastify passes null for a missing body, but zod's defaults apply to undefined only.
      return { value: parseStrictly(schema, value ?? undefined) };
    } catch (error) {
      return { error: error as Error };
    }
  };
