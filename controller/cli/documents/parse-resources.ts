/** Documents → TradingPipelines with their defaults, and every problem that can be known of one without a cluster. Pure. */
import { buildStructuralSchema, type StructuralSchema } from '../../api/crd.ts';
import { findNearest } from '../../api/find-nearest.ts';
import { API_VERSION, KIND } from '../../api/names.ts';
import {
  MAX_NAME_LENGTH,
  parseTradingPipelineSpec,
  type TradingPipeline,
  type TradingPipelineSpec,
  tradingPipelineSpecSchema,
} from '../../api/trading-pipeline.ts';
import { checkQuery, matchExternal } from '../../compile/promql/check-names.ts';
import { formatFieldPath, parseFieldPath, valueAt } from './field-path.ts';
import { findUnknownFields } from './find-unknown-fields.ts';
import type { FieldPath, InputProblem, SourceDocument } from './source-document.ts';

export interface InputResource {
  readonly source: SourceDocument;
  readonly pipeline: TradingPipeline;
  readonly spec: TradingPipelineSpec;
}

export interface ParsedResources {
  readonly resources: readonly InputResource[];
  readonly problems: readonly InputProblem[];
  /** Documents of other kinds, as `Kind name`. */
  readonly skipped: readonly string[];
}

/** A name that Kubernetes takes: a DNS subdomain. */
const objectName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const namespaceName = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

export function parseResources(documents: readonly SourceDocument[], defaultNamespace: string): ParsedResources {
  const resources: InputResource[] = [];
  const problems: InputProblem[] = [];
  const skipped: string[] = [];
  for (const source of documents.flatMap(expandList)) {
    if (!isTradingPipeline(source.value)) {
      skipped.push(describeObject(source.value));
      continue;
    }
    const parsed = parseResource(source, defaultNamespace);
    problems.push(...parsed.problems);
    if (parsed.resource) resources.push(parsed.resource);
  }
  const duplicates = findDuplicates(resources);
  return {
    resources: resources.filter(({ source }) => !duplicates.has(source)),
    problems: [...problems, ...duplicates.values()],
    skipped,
  };
}

/** The items of a `List`, as kubectl prints several objects; any other document is itself. */
function expandList(source: SourceDocument): SourceDocument[] {
  const items = valueAt(source.value, ['items']);
  if (!String(valueAt(source.value, ['kind'])).endsWith('List') || !Array.isArray(items)) return [source];
  return items.map((value, place) => ({
    ...source,
    value,
    locate: (path) => source.locate(['items', place, ...path]),
  }));
}

function isTradingPipeline(value: unknown): value is Record<string, unknown> {
  return valueAt(value, ['kind']) === KIND;
}

function describeObject(value: unknown): string {
  const kind = valueAt(value, ['kind']);
  const name = valueAt(value, ['metadata', 'name']);
  return typeof kind === 'string' ? `${kind} ${String(name ?? '')}`.trim() : 'a document without kind';
}

function parseResource(source: SourceDocument, defaultNamespace: string) {
  const raw = source.value as { metadata?: Partial<TradingPipeline['metadata']>; spec?: unknown };
  const namespace = raw.metadata?.namespace ?? defaultNamespace;
  const name = String(raw.metadata?.name ?? '');
  const resource = `${namespace}/${name}`;
  const report = (path: FieldPath, message: string): InputProblem => ({
    ...{ file: source.file, document: source.index, resource, path: formatFieldPath(path), message },
    ...source.locate(path),
  });
  const parsed = parseTradingPipelineSpec(raw.spec ?? {});
  const specProblems = 'problems' in parsed ? [...parsed.problems, ...findWrongQueries(raw)] : [];
  const problems = [
    ...checkIdentity(raw, namespace, name).map(([path, message]) => report(path, message)),
    ...findUnknown(raw).map(([path, message]) => report(path, message)),
    ...specProblems.map((text) => {
      const { path, message } = splitProblem(text);
      return report(parseFieldPath(path, raw), message);
    }),
  ];
  const pipeline = { ...raw, metadata: { ...raw.metadata, namespace, name } } as TradingPipeline;
  const isUsable = problems.length === 0 && 'spec' in parsed;
  return { problems, resource: isUsable ? { source, pipeline, spec: parsed.spec } : undefined };
}

/** Of a spec whose schema is right, the compiler says more; of one that is wrong, at least this is said at once. */
function findWrongQueries(raw: object): string[] {
  const custom = valueAt(raw, ['spec', 'alerts', 'custom']);
  if (!Array.isArray(custom)) return [];
  const external = valueAt(raw, ['spec', 'externalMetrics']);
  const isExternal = matchExternal(Array.isArray(external) ? external.map(String) : []);
  return custom.flatMap((rule, index) => {
    const expr = valueAt(rule, ['expr']);
    const wrong = typeof expr === 'string' && expr !== '' ? checkQuery(expr, isExternal) : undefined;
    return wrong ? [`spec.alerts.custom[${index}].expr: ${wrong.message}`] : [];
  });
}

/** `spec.a[0].b: what is wrong`. */
export function splitProblem(text: string): { path: string; message: string } {
  const colon = text.indexOf(': ');
  return { path: text.slice(0, colon), message: text.slice(colon + 2) };
}

function checkIdentity(raw: object, namespace: unknown, name: string): [FieldPath, string][] {
  const wrong: [FieldPath, string][] = [];
  const version = valueAt(raw, ['apiVersion']);
  if (version !== API_VERSION) wrong.push([['apiVersion'], `is ${String(version)}; this version knows ${API_VERSION}`]);
  if (!objectName.test(name))
    wrong.push([['metadata', 'name'], 'must be given, in lower case letters, digits, - and .']);
  if (name.length > MAX_NAME_LENGTH)
    wrong.push([
      ['metadata', 'name'],
      `must be at most ${MAX_NAME_LENGTH} characters: it becomes the value of a label`,
    ]);
  if (typeof namespace !== 'string' || !namespaceName.test(namespace))
    wrong.push([['metadata', 'namespace'], 'must be lower case letters, digits and -, at most 63']);
  if (valueAt(raw, ['spec']) === undefined) wrong.push([['spec'], 'is required; {} asks for nothing']);
  return wrong;
}

let specSchema: StructuralSchema | undefined;

function findUnknown(raw: object): [FieldPath, string][] {
  specSchema ??= buildStructuralSchema(tradingPipelineSpecSchema);
  const schema = specSchema;
  const top = ['apiVersion', 'kind', 'metadata', 'spec', 'status'];
  const outside = Object.keys(raw).filter((name) => !top.includes(name));
  return [
    ...outside.map((name): [FieldPath, string] => [[name], unknownMessage(name, top)]),
    ...findUnknownFields(schema, valueAt(raw, ['spec'])).map((path): [FieldPath, string] => [
      ['spec', ...path],
      unknownMessage(String(path.at(-1)), knownBeside(schema, path)),
    ]),
  ];
}

function unknownMessage(name: string, known: readonly string[]): string {
  const nearest = findNearest(name, known);
  return `is not a field of a ${KIND}${nearest ? `; do you mean ${nearest}?` : ''}`;
}

function knownBeside(schema: StructuralSchema, path: FieldPath): string[] {
  const parent = path.slice(0, -1).reduce<StructuralSchema | undefined>((at, step) => {
    return typeof step === 'number' ? at?.items : (at?.properties?.[step] ?? at?.additionalProperties);
  }, schema);
  return Object.keys(parent?.properties ?? {});
}

function findDuplicates(resources: readonly InputResource[]): Map<SourceDocument, InputProblem> {
  const seen = new Set<string>();
  const duplicates = new Map<SourceDocument, InputProblem>();
  for (const { source, pipeline } of resources) {
    const resource = `${pipeline.metadata.namespace}/${pipeline.metadata.name}`;
    const path = ['metadata', 'name'];
    const message = 'stands in an earlier document too: the later would replace it';
    const at = { file: source.file, document: source.index, ...source.locate(path) };
    if (seen.has(resource)) duplicates.set(source, { ...at, resource, path: path.join('.'), message });
    seen.add(resource);
  }
  return duplicates;
}
