import { expect, it } from 'vitest';
import { buildClientOrderId } from './client-order-id.ts';

it('is the same for the same execution, another for another, and fits a broker', () => {
  expect(buildClientOrderId('a')).toBe('tp-ca978112ca1bbdcafac231b3');
  expect(buildClientOrderId('b')).not.toBe(buildClientOrderId('a'));
  expect(buildClientOrderId('x'.repeat(500)).length).toBeLessThanOrEqual(32);
});
