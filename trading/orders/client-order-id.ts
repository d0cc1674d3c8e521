import { createHash } from 'node:crypto';

/** The order id of an execution: always the same, so that a second try is the same order. Brokers take up to 32 characters. */
export function buildClientOrderId(executionId: string): string {
  return `tp-${createHash('sha256').update(executionId).digest('hex').slice(0, 24)}`;
}
