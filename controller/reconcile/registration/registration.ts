/**
 * Whether the backend has the pipeline of a resource as declared, and what became of it. Pure. While the backend cannot be
 * asked, a pipeline that is known to have been registered as it is declared now keeps its resource Ready: nothing that the
 * resource asks for is missing.
 */
import type { PipelineDeclaration } from '#catalogue/declared-pipelines.ts';
import { conditionTypes, reasons } from '../../api/names.ts';
import type { TradingPipeline } from '../../api/trading-pipeline.ts';
import type { Condition, TradingPipelineStatus } from '../../api/trading-pipeline-status.ts';
import type { Verdict } from '../monitoring/monitoring.ts';
import type { Problem } from '../status/verdict.ts';
import type { BackendView, DeclarationRefusal, RegisteredPipeline } from './backend-view.ts';
import { isSame, pipelineIdOf, wantedPipelineOf } from './plan-declarations.ts';

export interface Registration {
  /** What the condition PipelineRegistered says. */
  readonly verdict: Verdict;
  /** Why the resource is not Ready for it. */
  readonly problem?: Problem;
  readonly executions?: TradingPipelineStatus['executions'];
}

/** Nothing for a resource that declares no pipeline. */
export function observeRegistration(resource: TradingPipeline, view: BackendView): Registration | undefined {
  const declaration = wantedPipelineOf(resource);
  if (declaration === undefined || declaration === 'asItIs') return undefined;
  const id = pipelineIdOf(resource);
  if (view.state !== 'answered') return judgeSilence(resource, declaration, view);
  const executions = presentExecutions(view.pipelines.get(id));
  return { ...judgeAnswer(resource, declaration, view), ...(executions && { executions }) };
}

type Answered = Extract<BackendView, { state: 'answered' }>;
type Silent = Exclude<BackendView, Answered>;

function judgeAnswer(resource: TradingPipeline, declaration: PipelineDeclaration, view: Answered): Registration {
  const id = pipelineIdOf(resource);
  if (isSame(view.pipelines.get(id)?.declaration, declaration)) {
    const message = `the backend has the pipeline ${id}${declaration.paused ? ', and it is paused' : ''}`;
    return { verdict: { status: 'True', reason: reasons.pipelineDeclared, message } };
  }
  const refusal = view.refusals.get(id);
  if (refusal && isSame(refusal.declaration, declaration)) return judgeRefusal(refusal);
  return beforeTheAnswer(resource);
}

function judgeRefusal({ why, message }: DeclarationRefusal): Registration {
  if (why === 'failed') return withProblem({ status: 'Unknown', reason: reasons.backendUnreachable, message });
  const reason = why === 'idTaken' ? reasons.pipelineIdTaken : reasons.pipelineRefused;
  return withProblem({ status: 'False', reason, message });
}

function judgeSilence(resource: TradingPipeline, declaration: PipelineDeclaration, view: Silent): Registration {
  const said = view.state === 'waiting' ? beforeTheAnswer(resource) : withProblem(explainSilence(view));
  return wasRegistered(resource, declaration, view) ? { verdict: said.verdict } : said;
}

function explainSilence(view: Exclude<Silent, { state: 'waiting' }>): Verdict {
  switch (view.state) {
    case 'notConfigured': {
      const message =
        'set PIPELINES_API_URL and PIPELINES_API_TOKEN of the controller, so that it can register pipelines';
      return { status: 'False', reason: reasons.backendNotConfigured, message };
    }
    case 'tokenRefused':
      return { status: 'False', reason: reasons.backendTokenRefused, message: view.error };
    case 'unreachable': {
      const message = `the backend does not answer: ${view.error}`;
      return { status: 'Unknown', reason: reasons.backendUnreachable, message };
    }
  }
}

const refusedReasons: readonly string[] = [reasons.pipelineIdTaken, reasons.pipelineRefused];

/** What was refused before a restart is refused until the backend says otherwise. */
function beforeTheAnswer(resource: TradingPipeline): Registration {
  const before = saidOf(resource, conditionTypes.pipelineRegistered);
  if (before && refusedReasons.includes(before.reason)) return withProblem(before as Verdict);
  const message = `the backend is about to get ${pipelineIdOf(resource)}`;
  return withProblem({ status: 'Unknown', reason: reasons.waitingForBackend, message });
}

/** What is False stays so until somebody acts. */
function withProblem({ status, reason, message }: Verdict): Registration {
  return { verdict: { status, reason, message }, problem: { reason, message, stalled: status === 'False' } };
}

/** By what this process has seen; after a restart, by what the status says of this generation. */
function wasRegistered(resource: TradingPipeline, declaration: PipelineDeclaration, view: Silent): boolean {
  const last = 'lastPipelines' in view ? view.lastPipelines : undefined;
  if (last) return isSame(last.get(pipelineIdOf(resource))?.declaration, declaration);
  return saidOf(resource, conditionTypes.ready)?.status === 'True';
}

/** A condition that speaks of the resource as it is now. */
function saidOf({ metadata, status }: TradingPipeline, type: string): Condition | undefined {
  const said = status?.conditions?.find((condition) => condition.type === type);
  return said?.observedGeneration === metadata.generation ? said : undefined;
}

/** To the minute: a status is not written more often for it. */
function presentExecutions(registered: RegisteredPipeline | undefined): Registration['executions'] {
  if (!registered) return undefined;
  const { total, failed, last } = registered.executions;
  return { total, failed, ...(last !== null && { last: `${last.slice(0, 16)}:00Z` }) };
}
