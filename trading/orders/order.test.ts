import { expect, it } from 'vitest';
import { buildClientOrderId } from './order.ts';

it('gives an execution always the same client order id, each execution another, within 32 characters', () => {
  expect(buildClientOrderId('a')).toBe('tp-ca978112ca1bbdcafac231b3');
  expect(buildClientOrderId('b')).not.toBe(buildClientOrderId('a'));
  expect(buildClientOrderId('x'.repeat(500)).length).toBeLessThanOrEqual(32);
});
