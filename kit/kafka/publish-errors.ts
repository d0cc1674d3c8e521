import kafkajs from 'kafkajs';

const { KafkaJSError } = kafkajs;

export type PublishErrorType = 'timeout' | 'connection' | 'broker' | 'other';

/**
 * Errors of a broker that the same messages get again: too large for the topic, or against its rules, such as a message
 * without a key on a compacted topic.
 */
const refusals = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD'];

/** Returns whether the broker refuses the messages for what they are, so that trying again cannot succeed. */
export function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { type } = error as { type?: unknown };
  return (typeof type === 'string' && refusals.includes(type)) || isRefusal(error.cause);
}

export function classifyError(error: unknown): PublishErrorType {
  const cause = error instanceof KafkaJSError && error.cause instanceof Error ? error.cause : error;
  const name = cause instanceof Error ? cause.name : '';
  if (name.includes('Timeout')) return 'timeout';
  if (name.includes('Connection') || name.includes('BrokerNotFound')) return 'connection';
  return cause instanceof KafkaJSError ? 'broker' : 'other';
}
