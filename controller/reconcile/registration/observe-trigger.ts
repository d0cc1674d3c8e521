/**
 * Finds out whether anything emits the signals that start a declared pipeline. Pure. The condition does not make a resource less
 * Ready: the pipeline is registered as declared, and begins to run if somebody emits its signals.
 */
import { judgeTrigger, type TriggerWarning } from '#trading/pipelines/judge-trigger.ts';
import { reasons } from '../../api/names.ts';
import type { TradingPipeline } from '../../api/trading-pipeline.ts';
import type { Verdict } from '../status/verdict.ts';
import { type BackendView, declarationOf } from './registration.ts';

/**
 * Returns the verdict of the condition SignalsEmitted; undefined if no signal starts the pipeline, or if the backend has never
 * said what is emitted.
 */
export function observeTrigger(resource: TradingPipeline, view: BackendView): Verdict | undefined {
  const declaration = declarationOf(resource);
  const emitted = 'emitted' in view ? view.emitted : undefined;
  if (declaration?.trigger.mode !== 'signal' || !emitted) return undefined;
  const warnings = judgeTrigger(declaration, emitted);
  if (warnings.length > 0) return explain(warnings);
  const message = 'the platform emits signals that start the pipeline, for each of its tickers';
  return { status: 'True', reason: reasons.signalsSeen, message };
}

function explain(warnings: readonly TriggerWarning[]): Verdict {
  const texts = warnings.map(({ path, message }) => `spec.pipeline.${formatPath(path)}: ${message}`).join('; ');
  if (warnings.some(({ code }) => code === 'never-seen'))
    return { status: 'False', reason: reasons.signalsNeverSeen, message: texts };
  const message = `not seen yet, and the platform has not watched for long enough to know: ${texts}`;
  return { status: 'Unknown', reason: reasons.signalsNotSeenYet, message };
}

/** Formats a path as the API server does, such as `trigger.signals[0]`. */
function formatPath(path: TriggerWarning['path']): string {
  return path.map((key, at) => (typeof key === 'number' ? `[${key}]` : `${at > 0 ? '.' : ''}${key}`)).join('');
}
