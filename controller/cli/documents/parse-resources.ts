/** Parses documents into TradingPipelines with defaults, and lists every problem that can be found without a cluster. Pure. */
import { API_VERSION, KIND } from '../../api/names.ts';
import {
  MAX_NAME_LENGTH,
  parseTradingPipelineSpec,
  type TradingPipeline,
  type TradingPipelineSpec,
} from '../../api/trading-pipeline.ts';
import { matchExternal } from '../../compile/promql/check-names.ts';
import { checkQuery } from '../../compile/promql/check-query.ts';
import { findUnknownFields } from './find-unknown-fields.ts';
import {
  type FieldPath,
  formatFieldPath,
  type InputProblem,
  parseFieldPath,
  type SourceDocument,
  valueAt,
} from './source-document.ts';

export interface InputResource {
  readonly source: SourceDocument;
  readonly pipeline: TradingPipeline;
  readonly spec: TradingPipelineSpec;
}

export interface ParsedResources {
  readonly resources: readonly InputResource[];
  readonly problems: readonly InputProblem[];
  /** Documents of other kinds, each as the string `Kind name`. */
  readonly skipped: readonly string[];
}

/** The names that Kubernetes accepts for objects: DNS subdomains. */
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

/** Returns the items of a `List`, the form in which kubectl prints several objects. Returns any other document unchanged. */
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
    ...findUnknownFields(raw).map(([path, message]) => report(path, message)),
    ...specProblems.map((text) => {
      const { path, message } = splitProblem(text);
      return report(parseFieldPath(path, raw), message);
    }),
  ];
  const pipeline = { ...raw, metadata: { ...raw.metadata, namespace, name } } as TradingPipeline;
  const isUsable = problems.length === 0 && 'spec' in parsed;
  return { problems, resource: isUsable ? { source, pipeline, spec: parsed.spec } : undefined };
}

/** Checks the PromQL of custom alerts in a spec that the schema refuses. In a valid spec the compiler checks the PromQL. */
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

/** Splits a problem of the form `spec.a[0].b: message` at its first colon. */
export function splitProblem(text: string): { path: string; message: string } {
  const colon = text.indexOf(': ');
  return { path: text.slice(0, colon), message: text.slice(colon + 2) };
}

function checkIdentity(raw: object, namespace: unknown, name: string): [FieldPath, string][] {
  const wrong: [FieldPath, string][] = [];
  const version = valueAt(raw, ['apiVersion']);
  if (version !== API_VERSION) wrong.push([['apiVersion'], `expected ${API_VERSION}, got ${String(version)}`]);
  if (!objectName.test(name))
    wrong.push([['metadata', 'name'], `expected lower case letters, digits, - and ., got ${JSON.stringify(name)}`]);
  if (name.length > MAX_NAME_LENGTH)
    wrong.push([
      ['metadata', 'name'],
      `must be at most ${MAX_NAME_LENGTH} characters: it becomes the value of a label`,
    ]);
  if (typeof namespace !== 'string' || !namespaceName.test(namespace))
    wrong.push([
      ['metadata', 'namespace'],
      `expected at most 63 lower case letters, digits and -, got ${JSON.stringify(namespace)}`,
    ]);
  if (valueAt(raw, ['spec']) === undefined) wrong.push([['spec'], 'is required; {} is valid and asks for nothing']);
  return wrong;
}

function findDuplicates(resources: readonly InputResource[]): Map<SourceDocument, InputProblem> {
  const seen = new Set<string>();
  const duplicates = new Map<SourceDocument, InputProblem>();
  for (const { source, pipeline } of resources) {
    const resource = `${pipeline.metadata.namespace}/${pipeline.metadata.name}`;
    const path = ['metadata', 'name'];
    const message = 'also appears in an earlier document, which this document would overwrite';
    const at = { file: source.file, document: source.index, ...source.locate(path) };
    if (seen.has(resource)) duplicates.set(source, { ...at, resource, path: path.join('.'), message });
    seen.add(resource);
  }
  return duplicates;
}
