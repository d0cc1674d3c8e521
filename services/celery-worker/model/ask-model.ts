import { type Span, SpanKind, type SpanOptions, SpanStatusCode } from '@opentelemetry/api';
import type { Kysely } from 'kysely';
import type { Instruments } from '#kit/telemetry/metrics/instruments.ts';
import { withSpan } from '#kit/telemetry/traces/tracing.ts';
import type { Database } from '#platform/schema.ts';
import { costOfTokens, mostOfCall } from '#trading/models/model-cost.ts';
import { buildChatRequest, type ModelAgent, parseAnswer, type Question } from '#trading/models/question.ts';
import { Exact } from '#trading/money.ts';
import { type Completion, createChatClient } from './chat-client.ts';
import { completeWithRetries } from './complete-with-retries.ts';
import type { ModelSettings } from './model-config.ts';
import { ModelFailure } from './model-failure.ts';
import { type EndedCall, reserveCall, settleCall } from './model-ledger.ts';

export type ModelMetric = 'llm_calls_total' | 'llm_tokens_total' | 'llm_cost_usd_total';

export interface AskModelOptions {
  readonly db: Kysely<Database>;
  readonly settings: ModelSettings;
  readonly instruments: Instruments<ModelMetric>;
  readonly clock: () => Date;
}

/** The execution that asks, and the pipeline that pays. */
export interface Asker {
  readonly executionId: string;
  readonly pipelineId: string;
}

/**
 * Asks a model within the pipeline's budget; stores and counts what that costs.
 * @throws ModelFailure when there is no answer that can be used; BudgetExhausted; what the database throws
 */
export type AskModel = <Answer>(question: Question<Answer>, asker: Asker) => Promise<Answer>;

export function createAskModel(options: AskModelOptions): AskModel {
  const { db, settings, clock } = options;
  const complete = createChatClient(settings);
  const meter = createMeter(options);
  return async (question, asker) => {
    const { agent } = question;
    const request = buildChatRequest(question, settings);
    const mostUsd = mostOfCall(request, settings.maxOutputTokens, settings.price);
    const callId = await reserveCall(db, { ...asker, agent, model: settings.model, mostUsd }, clock());
    const retry = { complete, timeoutMs: settings.timeoutMs, onFailedTry: () => meter.countCall(agent, 'error') };
    const asked = await withSpan(`chat ${settings.model}`, describeCall(settings, asker, agent), (span) =>
      observe(span, question, () => completeWithRetries(request, retry)),
    );
    const end = describeEnd(asked, settings, mostUsd);
    if (asked.completion) meter.countCall(agent, end.status);
    meter.countCost(agent, end);
    await settleCall(db, callId, end, clock());
    if (asked.failure) throw asked.failure;
    return asked.answer;
  };
}

/** What came of a question. A completion without a usable answer has a failure beside it. */
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
        : `the answer is not what was asked for: ${(cause as Error).message}`;
    throw new ModelFailure(why, { type: 'wrong_answer', cause });
  }
}

/** A call that nobody has counted costs its most, unless it is sure that it was not made. */
function describeEnd<Answer>(
  { completion, failure }: Asked<Answer>,
  { price }: ModelSettings,
  mostUsd: Exact,
): EndedCall {
  const status = failure ? 'error' : 'success';
  if (completion?.tokens) return { status, tokens: completion.tokens, costUsd: costOfTokens(completion.tokens, price) };
  return { status, costUsd: completion || failure?.mayBeBilled ? mostUsd : new Exact(0) };
}

/** Attributes by OpenTelemetry's semantic conventions for generative AI, and ours. */
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

/** Counts calls, tokens and cost, each at 0 from the start: Prometheus sees the first one as an increase. */
function createMeter({ settings: { model, agents }, instruments }: AskModelOptions) {
  const calls = instruments.counter('llm_calls_total');
  const tokens = instruments.counter('llm_tokens_total');
  const cost = instruments.counter('llm_cost_usd_total');
  const countCost = (agent: ModelAgent, { costUsd, tokens: used }: Omit<EndedCall, 'status'>) => {
    cost.add(costUsd.toNumber(), { model, agent });
    tokens.add(used?.input ?? 0, { model, agent, kind: 'input' });
    tokens.add(used?.output ?? 0, { model, agent, kind: 'output' });
  };
  for (const agent of agents) {
    for (const status of ['success', 'error'] as const) calls.add(0, { model, agent, status });
    countCost(agent, { costUsd: new Exact(0) });
  }
  return {
    countCall: (agent: ModelAgent, status: EndedCall['status']) => calls.add(1, { model, agent, status }),
    countCost,
  };
}
