import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { alertDefinition, alertNames } from '#catalogue/alerts.ts';
import { buildCrd, buildStructuralSchema, type StructuralSchema } from './crd.ts';
import { tradingPipelineSpecSchema } from './trading-pipeline.ts';

const spec = buildStructuralSchema(tradingPipelineSpecSchema);

/** Lists every field of a schema with its path. */
function* fieldsOf(schema: StructuralSchema, path = 'spec'): Generator<[path: string, schema: StructuralSchema]> {
  yield [path, schema];
  for (const [name, field] of Object.entries(schema.properties ?? {})) yield* fieldsOf(field, `${path}.${name}`);
  if (schema.items) yield* fieldsOf(schema.items, `${path}[]`);
}

describe('buildCrd', () => {
  it('gives every field a description, which kubectl explain shows', () => {
    const silent = [...fieldsOf(spec)].filter(([path, { description }]) => !path.endsWith('[]') && !description);
    expect(silent.map(([path]) => path)).toEqual([]);
  });

  it('names every default in a description, where kubectl explain shows it', () => {
    const hidden = [...fieldsOf(spec)].filter(([, { default: value, type, description }]) => {
      return value !== undefined && type !== 'object' && !description?.includes('Default: ');
    });
    expect(hidden.map(([path]) => path)).toEqual([]);
  });

  it('bounds every list, map and string, so that the API server can estimate the cost of CEL rules', () => {
    const open = [...fieldsOf(spec)].filter(([, { type, enum: values, ...schema }]) => {
      if (type === 'array') return schema.maxItems === undefined;
      if (schema.additionalProperties) return schema.maxProperties === undefined;
      return type === 'string' && !values && schema.maxLength === undefined && !/^\^\(0\|/.test(String(schema.pattern));
    });
    expect(open.map(([path]) => path)).toEqual([]);
  });

  it('lets each alert be tuned, with a threshold only if the alert has one', () => {
    const rules = spec.properties?.alerts?.properties?.rules?.properties ?? {};
    expect(Object.keys(rules)).toEqual(alertNames);
    const withThreshold = Object.keys(rules).filter((name) => rules[name]?.properties?.threshold);
    expect(withThreshold).toEqual(alertNames.filter((name) => alertDefinition(name).unit));
  });

  it('keeps the columns of kubectl get within 80 characters', () => {
    const crd = buildCrd() as {
      spec: { versions: { additionalPrinterColumns: { name: string; priority?: number }[] }[] };
    };
    const columns = crd.spec.versions[0]?.additionalPrinterColumns.filter(({ priority = 0 }) => priority === 0) ?? [];
    const widest: Record<string, string> = {
      Ready: 'Unknown',
      Services: '50/50',
      Alerts: '100',
      Budget: '-1000%',
      Last: '365d',
      Age: '365d',
    };
    const width = columns.reduce((sum, { name }) => sum + Math.max(name.length, widest[name]?.length ?? 99) + 3, 0);
    expect(width + 'trading-platform'.length + 3).toBeLessThanOrEqual(80);
  });

  it('builds the same object each time, and refuses a schema that a CRD cannot express', () => {
    expect(JSON.stringify(buildCrd())).toBe(JSON.stringify(buildCrd()));
    expect(() => buildStructuralSchema(z.object({ a: z.union([z.string(), z.number()]) }))).toThrow(
      '.a: a CRD cannot say anyOf',
    );
  });
});
