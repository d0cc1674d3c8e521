/**
 * Builds the CustomResourceDefinition from the zod schemas. Throws for a JSON Schema keyword that Kubernetes does not allow in
 * a structural schema, so that no rule is dropped unnoticed. Pure: the same schemas produce the same object.
 */
import { z } from 'zod';
import { GROUP, KIND, PLURAL, SHORT_NAME, VERSION } from './names.ts';
import { MAX_NAME_LENGTH, tradingPipelineSpecSchema } from './trading-pipeline.ts';
import { tradingPipelineStatusSchema } from './trading-pipeline-status.ts';

/**
 * A structural schema, the kind of schema that a CRD may contain:
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
 */
export interface StructuralSchema {
  type?: string;
  description?: string;
  properties?: Record<string, StructuralSchema>;
  required?: string[];
  items?: StructuralSchema;
  additionalProperties?: StructuralSchema;
  [keyword: string]: unknown;
}

/**
 * Keywords that are copied as they are, because their values contain no schemas. Kubernetes allows more keywords, which this
 * project does not use.
 */
const plainKeywords = new Set([
  ...['type', 'description', 'required', 'enum', 'default', 'format', 'pattern', 'minLength', 'maxLength'],
  ...[
    'minimum',
    'maximum',
    'exclusiveMinimum',
    'exclusiveMaximum',
    'minItems',
    'maxItems',
    'minProperties',
    'maxProperties',
  ],
  ...['x-kubernetes-validations', 'x-kubernetes-list-type', 'x-kubernetes-list-map-keys'],
]);

export function buildStructuralSchema(schema: z.ZodType): StructuralSchema {
  return narrow(z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input', reused: 'inline' }), '');
}

function narrow(raw: object, path: string): StructuralSchema {
  const narrowed: StructuralSchema = {};
  for (const [keyword, value] of Object.entries(raw)) {
    if (keyword === 'properties') narrowed.properties = narrowAll(value, path);
    else if (keyword === 'items') narrowed.items = narrow(value, `${path}[]`);
    else if (keyword === 'additionalProperties') narrowed.additionalProperties = narrow(value, `${path}{}`);
    else if (plainKeywords.has(keyword)) narrowed[keyword] = value;
    else throw new Error(`${path || 'schema'}: a CRD cannot say ${keyword}; express it as a rule (schema-rules.ts)`);
  }
  return describeDefault(narrowed.type === 'integer' ? withoutSafeIntegerBounds(narrowed) : narrowed);
}

/** Appends the default to the description, because `kubectl explain` does not show defaults. */
function describeDefault(schema: StructuralSchema): StructuralSchema {
  if (schema.description === undefined || schema.default === undefined || schema.type === 'object') return schema;
  return { ...schema, description: `${schema.description}. Default: ${describeValue(schema.default)}` };
}

function describeValue(value: unknown): string {
  if (Array.isArray(value)) return value.map(describeValue).join(', ');
  return value !== null && typeof value === 'object'
    ? Object.values(value).map(describeValue).join(' ')
    : String(value);
}

function narrowAll(properties: Record<string, object>, path: string): Record<string, StructuralSchema> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, narrow(schema, `${path}.${name}`)]),
  );
}

/**
 * Removes the bounds that zod adds to every integer (JavaScript's safe integers), and sets the format int64 in their
 * place.
 */
function withoutSafeIntegerBounds(schema: StructuralSchema): StructuralSchema {
  const { minimum, maximum, ...rest } = schema;
  const bounds = {
    ...(minimum !== Number.MIN_SAFE_INTEGER && minimum !== undefined && { minimum }),
    ...(maximum !== Number.MAX_SAFE_INTEGER && maximum !== undefined && { maximum }),
  };
  return { ...rest, format: 'int64', ...bounds };
}

/**
 * The columns of `kubectl get`. Columns of priority 1 are shown only with `-o wide`. A test checks that all other
 * columns fit into 80 characters together with namespace and name.
 */
const printerColumns = [
  { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
  {
    name: 'Services',
    type: 'string',
    jsonPath: '.status.summary.services',
    description: 'Listed services with a ready endpoint, of all that are listed',
  },
  { name: 'Alerts', type: 'integer', jsonPath: '.status.alerts.firing', description: 'Number of firing alerts' },
  {
    name: 'Budget',
    type: 'string',
    jsonPath: '.status.summary.budget',
    description: 'Error budget left, of the objective with the least',
  },
  {
    name: 'Last',
    type: 'date',
    jsonPath: '.status.executions.last',
    description: 'Time since the last execution of the pipeline ended',
  },
  {
    name: 'Dashboards',
    type: 'integer',
    jsonPath: '.status.summary.dashboards',
    description: 'Number of dashboards',
    priority: 1,
  },
  {
    name: 'Rules',
    type: 'integer',
    jsonPath: '.status.summary.alerts',
    description: 'Number of alerting rules',
    priority: 1,
  },
  {
    name: 'Reason',
    type: 'string',
    jsonPath: '.status.conditions[?(@.type=="Ready")].reason',
    description: 'Reason of the condition Ready',
    priority: 1,
  },
  {
    name: 'Message',
    type: 'string',
    jsonPath: '.status.conditions[?(@.type=="Ready")].message',
    description: 'Message of the condition Ready',
    priority: 1,
  },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
];

function buildRootSchema(): StructuralSchema {
  return {
    type: 'object',
    description:
      'Declares monitoring, and optionally a trading pipeline: services to scrape, alerts, objectives and dashboards.',
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      spec: buildStructuralSchema(tradingPipelineSpecSchema),
      status: buildStructuralSchema(tradingPipelineStatusSchema),
    },
    'x-kubernetes-validations': [
      {
        rule: `size(self.metadata.name) <= ${MAX_NAME_LENGTH}`,
        message: `metadata.name: must be at most ${MAX_NAME_LENGTH} characters: it becomes the value of a label`,
      },
    ],
  };
}

export function buildCrd(): object {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${PLURAL}.${GROUP}`, labels: { 'app.kubernetes.io/part-of': 'trading-platform' } },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: {
        kind: KIND,
        listKind: `${KIND}List`,
        plural: PLURAL,
        singular: KIND.toLowerCase(),
        shortNames: [SHORT_NAME],
        categories: ['trading'],
      },
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: printerColumns,
          schema: { openAPIV3Schema: buildRootSchema() },
        },
      ],
    },
  };
}
