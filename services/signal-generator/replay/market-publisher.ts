import { type Context, context, type Span, SpanKind, trace } from '@opentelemetry/api';
import { topics } from '#catalogue/topics.ts';
import type { PublishErrorType } from '#kit/kafka/publish-errors.ts';
import type { OutgoingMessage, Publisher } from '#kit/kafka/publisher.ts';
import { areSpansReceived } from '#kit/telemetry/traces/start-tracing.ts';
import { describeMessage, injectTrace } from '#kit/telemetry/traces/tracing.ts';
import type { ClosedBar } from '#trading/market/bar.ts';
import { EMITS_HEADER, type EmitsDeclaration } from '#trading/signals/emitted.ts';
import type { Signal } from '#trading/signals/signal.ts';
import type { SignalType } from '#trading/signals/signal-types.gen.ts';
import type { GeneratorMetrics } from '../generator-metrics.ts';

/**
 * Thrown if an attempt to publish failed. Kafka may have accepted some of the messages, so publish all of them again.
 */
export class PublishFailed extends Error {
  readonly type: PublishErrorType;

  constructor(topic: string, type: PublishErrorType) {
    super(`publishing to ${topic} failed: ${type}`);
    this.name = 'PublishFailed';
    this.type = type;
  }
}

/** Publishes to Kafka. Each call makes one attempt, and resolves when all in-sync replicas have all messages. */
export interface MarketPublisher {
  /**
   * Publishes signals with the ticker as the key. If spans are exported, each signal starts a trace here. Otherwise the
   * dispatcher starts the trace, and only for the few signals that start an execution.
   * @throws PublishFailed
   */
  publishSignals(signals: readonly Signal[]): Promise<void>;
  /** @throws PublishFailed */
  publishBars(bars: readonly ClosedBar[]): Promise<void>;
}

/** @param emits all that this process emits, for the header that declares it */
export function createMarketPublisher(
  publisher: Publisher,
  metrics: GeneratorMetrics,
  emits: EmitsDeclaration,
): MarketPublisher {
  const declaration = { [EMITS_HEADER]: JSON.stringify(emits) };
  return {
    publishSignals: (signals) => publishSignals(signals, publisher, metrics),
    publishBars: (bars) => publishBars(bars, publisher, declaration),
  };
}

async function publishSignals(
  signals: readonly Signal[],
  publisher: Publisher,
  metrics: GeneratorMetrics,
): Promise<void> {
  if (signals.length === 0) return;
  const types = signals.map(({ signal_type }) => signal_type as SignalType);
  const spans = areSpansReceived() ? signals.map(startSignalSpan) : [];
  const contexts = spans.map((span) => trace.setSpan(context.active(), span));
  const began = performance.now();
  const messages = signals.map((signal, index) => message(signal, contexts[index]));
  try {
    await attempt(publisher, topics.signals.name, messages, (error_type) => {
      for (const signal_type of types) metrics.failures.add(1, { signal_type, error_type });
    });
  } finally {
    for (const span of spans) span.end();
  }
  const seconds = (performance.now() - began) / 1_000;
  for (const [index, signal_type] of types.entries()) {
    metrics.published.add(1, { signal_type });
    // The context makes the exemplar of the observation refer to the trace of this signal.
    metrics.publishing[signal_type].record(seconds, contexts[index]);
  }
}

/** Publishes bars. One bar of a batch carries the header that declares what is emitted. */
async function publishBars(
  bars: readonly ClosedBar[],
  publisher: Publisher,
  declaration: Readonly<Record<string, string>>,
): Promise<void> {
  const emitted_at = Date.now() / 1_000;
  const messages = bars.map((bar, index) => ({
    key: bar.symbol,
    value: JSON.stringify({ ...bar, emitted_at }),
    ...(index === 0 && { headers: declaration }),
  }));
  await attempt(publisher, topics.marketData.name, messages);
}

/** Publishes once: the first failure aborts the publisher's own retries. @throws PublishFailed */
async function attempt(
  publisher: Publisher,
  topic: string,
  messages: OutgoingMessage[],
  onFailure?: (type: PublishErrorType) => void,
): Promise<void> {
  const once = new AbortController();
  const published = publisher.publish(topic, messages, {
    signal: once.signal,
    onFailure(type) {
      onFailure?.(type);
      once.abort(new PublishFailed(topic, type));
    },
  });
  // After an abort, the reason of the abort is the error, also if the broker refuses a message for good.
  await published.catch((error: unknown) => {
    throw once.signal.aborted ? once.signal.reason : error;
  });
}

function message(signal: Signal, from: Context | undefined): OutgoingMessage {
  const headers = from && injectTrace(from);
  return { key: signal.tickers[0]?.ticker, value: JSON.stringify(signal), headers };
}

/** Starts the root span of a signal's trace. The headers of the message, and later the job, carry the trace on. */
function startSignalSpan({ signal_id, signal_type, tickers }: Signal): Span {
  const destination = topics.signals.name;
  const message = describeMessage({ system: 'kafka', operation: 'publish', destination, id: signal_id });
  const attributes = { ...message, 'signal.type': signal_type, ticker: tickers[0]?.ticker };
  return trace
    .getTracer('trading-platform')
    .startSpan(`publish ${destination}`, { root: true, kind: SpanKind.PRODUCER, attributes });
}
