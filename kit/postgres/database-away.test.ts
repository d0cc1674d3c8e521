import { expect, it } from 'vitest';
import { isDatabaseAway } from './database-away.ts';

const withCode = (code: string) => Object.assign(new Error('x'), { code });

it.each(['ECONNREFUSED', '57P01', '57P03', '08006', '53300', '42P01'])('%s says the database is away', (code) => {
  expect(isDatabaseAway(withCode(code))).toBe(true);
  expect(isDatabaseAway(new Error('stage failed', { cause: withCode(code) }))).toBe(true);
});

it('so does a connection that broke', () => {
  expect(isDatabaseAway(new Error('Connection terminated unexpectedly'))).toBe(true);
});

it.each(['23505', '42703', '40001', '57014'])('%s is an answer of a database that is there', (code) => {
  expect(isDatabaseAway(withCode(code))).toBe(false);
});
