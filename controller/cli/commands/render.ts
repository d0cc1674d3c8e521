import { buildSharedRules, needSharedRules, PIPELINE_OBJECTIVES } from '../../compile/objects/shared-rules.ts';
import { claimantOf } from '../../reconcile/claims/claims.ts';
import { type CommandIo, type ExitCode, exitCodes, Failure, type OutputFormat, printObjects } from '../command-io.ts';
import { type CompiledResource, compileResources } from '../compile-resources.ts';
import type { InputResource } from '../documents/parse-resources.ts';
import { readResources } from '../documents/read-resources.ts';
import { formatProblem } from '../documents/source-document.ts';

export interface RenderOptions {
  readonly namespace: string;
  readonly output: OutputFormat;
  /** The uid of the TradingPipeline in the cluster; allowed only if the files contain a single TradingPipeline. */
  readonly uid?: string;
  /** If true, also prints the rules that the chart installs once for all TradingPipelines. */
  readonly withSharedRules?: boolean;
  /** If true, the uid and title of each dashboard identify its TradingPipeline, so that files can be rendered one by one. */
  readonly qualifyDashboards?: boolean;
}

/** Prints the objects that the controller would apply. Reports an invalid TradingPipeline and leaves it out. */
export async function handleRender(files: readonly string[], options: RenderOptions, io: CommandIo): Promise<ExitCode> {
  const { resources, problems } = await readResources(files, io, options.namespace);
  if (options.uid !== undefined && resources.length !== 1)
    throw new Failure(`--uid: expected one resource in the files, got ${resources.length}: render them one by one`);
  const compiled = compileResources(
    resources.map((resource) => withUid(resource, options.uid)),
    { qualifyDashboards: options.qualifyDashboards },
  );
  const all = [...problems, ...compiled.flatMap((one) => one.problems)];
  for (const problem of all) io.err(formatProblem(problem));
  if (compiled.some(({ objects }) => objects.some(isOwnerless))) noteMissingOwner(compiled, options, io);
  const objects = compiled.flatMap((one) => one.objects);
  if (needSharedRules(objects) && !options.withSharedRules) noteSharedRules(io);
  const shared = options.withSharedRules ? buildSharedRules(options.namespace) : [];
  io.out(printObjects([...objects, ...shared], options.output));
  return all.length > 0 ? exitCodes.wrong : exitCodes.ok;
}

function withUid(resource: InputResource, uid: string | undefined): InputResource {
  if (uid === undefined) return resource;
  const { pipeline } = resource;
  return { ...resource, pipeline: { ...pipeline, metadata: { ...pipeline.metadata, uid } } };
}

function isOwnerless({ metadata }: CompiledResource['objects'][number]): boolean {
  return metadata.ownerReferences === undefined;
}

function noteSharedRules(io: CommandIo): void {
  io.err(
    `note: the PrometheusRule ${PIPELINE_OBJECTIVES} counts the events of pipelines and comes with the operator (without an operator, add --with-shared-rules)`,
  );
}

function noteMissingOwner(
  compiled: readonly CompiledResource[],
  { qualifyDashboards }: RenderOptions,
  io: CommandIo,
): void {
  const hint = compiled.length === 1 ? 'pass it with --uid' : 'render one at a time with --uid';
  io.err(`note: ownerReferences are left out, because only the cluster knows the uid of a resource (${hint})`);
  if (qualifyDashboards || !compiled.some(({ pipeline }) => claimantOf(pipeline).dashboards.length > 0)) return;
  io.err(
    'note: a resource that is rendered alone gets the plain uids of dashboards, and so does every other one: render all files of a Grafana in one call, or add --qualify-dashboards',
  );
}
