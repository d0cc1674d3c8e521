import { type Span, SpanKind, type SpanOptions, SpanStatusCode } from '@opentelemetry/api';
import type { Kysely } from 'kysely';
import type { Logger } from '#kit/log.ts';
import type { Instruments } from '#kit/telemetry/metrics/instruments.ts';
import { withSpan } from '#kit/telemetry/traces/tracing.ts';
import type { Database } from '#platform/schema.ts';
import { costOfTokens, maxCostOfCall } from '#trading/models/model-cost.ts';
import {
  buildChatRequest,
  type DecidedBy,
  type EndedCallStatus,
  endedCallStatuses,
  type ModelAgent,
  parseAnswer,
  type Question,
  tokenKinds,
} from '#trading/models/question.ts';
import { Exact } from '#trading/money.ts';
import { type Completion, completeWithRetries, createChatClient, ModelFailure } from './chat-client.ts';
import type { ModelSettings } from './model-config.ts';
import { type EndedCall, reserveCall, settleCall } from './model-ledger.ts';

type ModelMetric = 'llm_calls_total' | 'llm_tokens_total' | 'llm_cost_usd_total';

interface AdviseOptions {
  readonly db: Kysely<Database>;
  /** Settings of the model; undefined if no model is configured. */
  readonly settings: ModelSettings | undefined;
  readonly instruments: Instruments<ModelMetric>;
  readonly log: Logger;
  readonly clock: () => Date;
}

/** The execution that makes the call, and the pipeline whose budget the call is charged to. */
export interface Asker {
  readonly executionId: string;
  readonly pipelineId: string;
}

/** The result of an agent in whose place a model can decide. */
interface Decision {
  decided_by: DecidedBy;
  reasoning: string;
}

/** Lets the model decide in place of the rule. Fields that the model's answer does not have keep the rule's values. */
export type Advise = <Result extends Decision, Answer extends Partial<Result>>(
  rule: Result,
  question: Question<Answer>,
  asker: Asker,
) => Promise<Result>;

/** Returns the rule's result. Used if no model is configured. */
export const byRule: Advise = async (rule) => rule;

/**
 * Creates the function that asks the model, for the agents that are configured to use the model. Without a usable
 * answer the rule decides, and the result says so.
 */
export function createAdvise(options: AdviseOptions): Advise {
  const { settings, log, instruments } = options;
  const meter = createMeter(instruments);
  if (!settings) return byRule;
  const { url, model, agents, price } = settings;
  log.info({ url, model, agents, price }, 'agents ask a model');
  meter.startAtZero(settings);
  const ask = createAskModel({ ...options, settings, meter });
  return async (rule, question, asker) => {
    if (!agents.includes(question.agent)) return rule;
    try {
      return { ...rule, ...(await ask(question, asker)), decided_by: 'model' };
    } catch (error) {
      if (!(error instanceof ModelFailure)) throw error;
      const fields = { execution_id: asker.executionId, agent: question.agent, error_type: error.type, error };
      log.warn(fields, 'the model gave no answer, the rule decides');
      return { ...rule, reasoning: `${rule.reasoning} (by the rule: the model gave no answer: ${error.message})` };
    }
  };
}

/**
 * Asks a model within the pipeline's budget; stores and counts the cost.
 * @throws ModelFailure if there is no usable answer; BudgetExhausted; errors of the database
 */
type AskModel = <Answer>(question: Question<Answer>, asker: Asker) => Promise<Answer>;

function createAskModel(options: AdviseOptions & { settings: ModelSettings; meter: Meter }): AskModel {
  const { db, settings, clock, meter } = options;
  const { model } = settings;
  const complete = createChatClient(settings);
  return async (question, asker) => {
    const { agent } = question;
    const request = buildChatRequest(question, settings);
    const maxUsd = maxCostOfCall(request, settings.maxOutputTokens, settings.price);
    const callId = await reserveCall(db, { ...asker, agent, model, maxUsd }, clock());
    const retry = {
      complete,
      timeoutMs: settings.timeoutMs,
      onFailedTry: () => meter.countCall({ model, agent }, 'error'),
    };
    const asked = await withSpan(`chat ${model}`, describeCall(settings, asker, agent), (span) =>
      observe(span, question, () => completeWithRetries(request, retry)),
    );
    const end = describeEnd(asked, settings, maxUsd);
    if (asked.completion) meter.countCall({ model, agent }, end.status);
    meter.countCost({ model, agent }, end);
    await settleCall(db, callId, end, clock());
    if (asked.failure) throw asked.failure;
    return asked.answer;
  };
}

/**
 * The outcome of a question to the model. If the model sent a completion without a usable answer, `completion` and
 * `failure` are both set.
 */
type Asked<Answer> =
  | { answer: Answer; completion: Completion; failure?: undefined }
  | { failure: ModelFailure; completion?: Completion };

async function observe<Answer>(
  span: Span,
  question: Question<Answer>,
  complete: () => Promise<Completion>,
): Promise<Asked<Answer>> {
  let completion: Completion | undefined;
  try {
    completion = await complete();
    span.setAttributes(describeCompletion(completion));
    return { completion, answer: readAnswer(question, completion) };
  } catch (failure) {
    if (!(failure instanceof ModelFailure)) throw failure;
    span.setAttribute('error.type', failure.type);
    span.setStatus({ code: SpanStatusCode.ERROR, message: failure.message });
    return { failure, ...(completion && { completion }) };
  }
}

function readAnswer<Answer>(question: Question<Answer>, { text, finishReason }: Completion): Answer {
  try {
    return parseAnswer(question, text);
  } catch (cause) {
    const why =
      finishReason === 'length'
        ? 'the answer was cut at MODEL_MAX_OUTPUT_TOKENS'
        : `the answer does not have the form that was asked for: ${(cause as Error).message}`;
    throw new ModelFailure(why, { type: 'wrong_answer', cause });
  }
}

/**
 * Describes the end of a model call for the database. A call whose token counts are unknown counts with its maximum
 * cost, unless it certainly did not reach the model.
 */
function describeEnd<Answer>(
  { completion, failure }: Asked<Answer>,
  { price }: ModelSettings,
  maxUsd: Exact,
): EndedCall {
  const status = failure ? 'error' : 'success';
  if (completion?.tokens) return { status, tokens: completion.tokens, costUsd: costOfTokens(completion.tokens, price) };
  return { status, costUsd: completion || failure?.mayBeBilled ? maxUsd : new Exact(0) };
}

/**
 * Returns the span options of a model call: attributes of OpenTelemetry's semantic conventions for generative AI, and
 * attributes of this project.
 */
function describeCall(settings: ModelSettings, { executionId, pipelineId }: Asker, agent: ModelAgent): SpanOptions {
  const { hostname, port, protocol } = new URL(settings.url);
  return {
    kind: SpanKind.CLIENT,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': settings.model,
      'gen_ai.request.max_tokens': settings.maxOutputTokens,
      'gen_ai.output.type': 'json',
      'server.address': hostname,
      'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
      'execution.id': executionId,
      'pipeline.id': pipelineId,
      agent,
    },
  };
}

function describeCompletion({ id, model, finishReason, tokens }: Completion) {
  return {
    'gen_ai.response.finish_reasons': [finishReason],
    ...(id && { 'gen_ai.response.id': id }),
    ...(model && { 'gen_ai.response.model': model }),
    ...(tokens && { 'gen_ai.usage.input_tokens': tokens.input, 'gen_ai.usage.output_tokens': tokens.output }),
  };
}

type Meter = ReturnType<typeof createMeter>;

/**
 * Returns functions that count calls, tokens and cost. Creates the instruments, so that a scrape has these metrics even
 * if no model is configured.
 */
function createMeter(instruments: Instruments<ModelMetric>) {
  const calls = instruments.counter('llm_calls_total');
  const tokens = instruments.counter('llm_tokens_total');
  const cost = instruments.counter('llm_cost_usd_total');
  interface Labels {
    readonly model: string;
    readonly agent: ModelAgent;
  }
  const countCall = (labels: Labels, status: EndedCallStatus, count = 1) => calls.add(count, { ...labels, status });
  const countCost = (labels: Labels, { costUsd, tokens: used }: Omit<EndedCall, 'status'>) => {
    cost.add(costUsd.toNumber(), labels);
    for (const kind of tokenKinds) tokens.add(used?.[kind] ?? 0, { ...labels, kind });
  };
  /** Starts every counter at 0, so that Prometheus sees the first call as an increase. */
  const startAtZero = ({ model, agents }: ModelSettings) => {
    for (const agent of agents) {
      for (const status of endedCallStatuses) countCall({ model, agent }, status, 0);
      countCost({ model, agent }, { costUsd: new Exact(0) });
    }
  };
  return { countCall, countCost, startAtZero };
}
