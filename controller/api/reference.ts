/** Builds docs/reference.md from the schema: every field of a TradingPipeline with its type, default and limits. Pure. */
import { buildStructuralSchema, type StructuralSchema } from './crd.ts';
import { API_VERSION, KIND, SHORT_NAME } from './names.ts';
import { remedies } from './remedies.ts';
import { tradingPipelineSpecSchema } from './trading-pipeline.ts';
import { tradingPipelineStatusSchema } from './trading-pipeline-status.ts';

export function buildReference(): string {
  const spec = buildStructuralSchema(tradingPipelineSpecSchema);
  const status = buildStructuralSchema(tradingPipelineStatusSchema);
  const sections = Object.entries(spec.properties ?? {}).map(([name, schema]) => buildSection(`spec.${name}`, schema));
  return `${[intro, ...sections, buildSection('status', status), buildReasons()].join('\n\n')}\n`;
}

const intro = `<!-- biome-ignore-all format: generated from controller/api; change that, then run make generate -->

# TradingPipeline

\`apiVersion: ${API_VERSION}\`, \`kind: ${KIND}\`, namespaced, short name \`${SHORT_NAME}\`. \`kubectl explain ${SHORT_NAME}.spec --recursive\` prints the same fields.

Every section is optional, and a resource gets exactly what it lists. The column Default shows a field's default, or whether a field
without one is required.

\`\`\`yaml
apiVersion: ${API_VERSION}
kind: ${KIND}
metadata:
  name: platform
spec:
  services:
    - name: backend
    - name: celery-worker
  alerts: {}
  objectives:
    - name: pipeline-success
  dashboards: {}
\`\`\``;

function buildSection(path: string, schema: StructuralSchema): string {
  const rows = [...listFields(path, schema)];
  const table = [
    '| Field | Type | Default | Description |',
    '| --- | --- | --- | --- |',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ];
  return `## ${path}\n\n${schema.description ?? ''}.\n\n${[...table, ...listRules(path, schema)].join('\n')}`;
}

function buildReasons(): string {
  const rows = Object.entries(remedies).map(
    ([reason, { means, remedy }]) => `| ${code(reason)} | ${means} | ${remedy} |`,
  );
  const table = ['| Reason | What it means | What to do |', '| --- | --- | --- |', ...rows];
  return `## Reasons\n\nEvery condition has one of these reasons.\n\n${table.join('\n')}`;
}

function* listFields(path: string, schema: StructuralSchema): Generator<string[]> {
  const fields = schema.items ?? schema;
  const prefix = schema.items ? `${path}[]` : path;
  for (const [name, field] of Object.entries(fields.properties ?? {})) {
    const at = `${prefix}.${name}`;
    const optional = fields.required?.includes(name) ? 'required' : 'optional';
    yield [code(at), describeType(field), describeDefault(field, optional), escapeCell(withoutDefault(field))];
    yield* listFields(at, field);
  }
}

/**
 * Lists the validation rules of a schema and of all its fields, each with the message that a user sees after breaking
 * the rule.
 */
function listRules(path: string, schema: StructuralSchema): string[] {
  const found = [...collectRules(path, schema)].map(([at, message]) => `- ${code(at)}: ${escapeRule(message)}`);
  return found.length === 0 ? [] : ['', 'Rules:', '', ...found];
}

function* collectRules(path: string, schema: StructuralSchema): Generator<[at: string, message: string]> {
  const rules = (schema['x-kubernetes-validations'] ?? []) as { message: string; fieldPath?: string }[];
  for (const { message, fieldPath = '' } of rules) yield [path + fieldPath, message];
  if (schema.items) yield* collectRules(`${path}[]`, schema.items);
  for (const [name, field] of Object.entries(schema.properties ?? {})) yield* collectRules(`${path}.${name}`, field);
}

function describeType(schema: StructuralSchema): string {
  const values = schema.enum as string[] | undefined;
  if (values) return values.map(code).join(', ');
  if (schema.items) return `list of ${describeType(schema.items)}`;
  if (schema.additionalProperties) return 'map of texts';
  const bounds = [
    schema.minimum !== undefined && `from ${schema.minimum}`,
    schema.maximum !== undefined && `to ${schema.maximum}`,
  ];
  return [schema.type === 'string' ? 'text' : schema.type, ...bounds].filter(Boolean).join(' ');
}

function describeDefault(schema: StructuralSchema, optional: string): string {
  if (schema.default === undefined) return optional;
  return code(typeof schema.default === 'string' ? schema.default : JSON.stringify(schema.default));
}

function withoutDefault(schema: StructuralSchema): string {
  const { description = '' } = schema;
  return schema.default === undefined ? description : description.replace(/\. Default: .*$/, '');
}

function code(text: string): string {
  return `\`${text}\``;
}

/**
 * Escapes the message of a rule for Markdown. A pattern at the end of the message becomes code, because Markdown would
 * turn brackets in plain text into links.
 */
function escapeRule(message: string): string {
  const [, text = message, pattern] = /^(.* must match )(\S+)$/.exec(message) ?? [];
  return escapeCell(text) + (pattern ? code(pattern) : '');
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
