import { expect, it } from 'vitest';
import { isDatabaseAway } from './database-away.ts';

const withCode = (code: string) => Object.assign(new Error('x'), { code });

it.each(['ECONNREFUSED', '57P01', '57P03', '08006', '53300', '42P01'])(
  'takes %s for a database that is away, as a cause too',
  (code) => {
    expect(isDatabaseAway(withCode(code))).toBe(true);
    expect(isDatabaseAway(new Error('stage failed', { cause: withCode(code) }))).toBe(true);
  },
);

it('takes a broken connection for a database that is away', () => {
  expect(isDatabaseAway(new Error('Connection terminated unexpectedly'))).toBe(true);
});

it.each(['23505', '42703', '40001', '57014'])('takes %s for an error of a database that works', (code) => {
  expect(isDatabaseAway(withCode(code))).toBe(false);
});
