import { expect, it } from 'vitest';
import { buildClientOrderId } from './order.ts';

it('always derives the same client order id from an execution, a different one from each execution, within 32 characters', () => {
  expect(buildClientOrderId('a')).toBe('tp-ca978112ca1bbdcafac231b3');
  expect(buildClientOrderId('b')).not.toBe(buildClientOrderId('a'));
  expect(buildClientOrderId('x'.repeat(500)).length).toBeLessThanOrEqual(32);
});
