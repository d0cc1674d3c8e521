import { describe, expect, it } from 'vitest';
import { closeRequestBodies, dropTimePatterns, findReferences, pruneSchemas } from './tidy-document.ts';

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

describe('pruneSchemas', () => {
  it('keeps schemas that are used directly, through others or in a cycle, and drops the rest', () => {
    const schemas = { A: { items: ref('B') }, B: { of: [ref('A')] }, Unused: ref('A') };
    const pruned = pruneSchemas({ paths: { '/a': ref('A') }, components: { schemas, headers: { x: 1 } } });
    expect(pruned.components).toEqual({ schemas: { A: schemas.A, B: schemas.B }, headers: { x: 1 } });
    expect(findReferences(pruned)).toEqual(['A', 'B', 'A']);
  });
});

describe('dropTimePatterns', () => {
  it('drops the patterns of times only', () => {
    const document = { time: { format: 'date-time', pattern: 'x' }, id: { pattern: 'y' } };
    expect(dropTimePatterns(document)).toEqual({ time: { format: 'date-time' }, id: { pattern: 'y' } });
  });
});

describe('closeRequestBodies', () => {
  it('says of objects in bodies, also those referred to, that they have no other fields, and leaves answers alone', () => {
    const object = () => ({ type: 'object', properties: { a: { type: 'string' } } });
    const operation = { requestBody: { schema: ref('Body') }, responses: { 200: ref('Answer') } };
    const schemas = { Body: { anyOf: [object(), ref('Inner')] }, Inner: object(), Answer: object() };
    const closed = closeRequestBodies({ paths: { '/a': { get: {}, post: operation } }, components: { schemas } });
    const { Body, Inner, Answer } = closed.components.schemas;
    const additionalProperties = false;
    expect([Body.anyOf[0], Inner]).toEqual(Array(2).fill({ ...object(), additionalProperties }));
    expect(Answer).toEqual(object());
  });
});
