import { describe, expect, it } from 'vitest';
import { Exact, formatMoney, sumOf } from './money.ts';

describe('Exact', () => {
  it('keeps every digit of a product and of a sum', () => {
    const value = new Exact('123456789.12345678').mul('98765.432198765432109876');
    expect(value.toString()).toBe('12193263135650.05224705068637175789715928');
    expect(value.add('1e-40').sub(value).toString()).toBe(`0.${'0'.repeat(39)}1`);
  });
});

describe('sumOf', () => {
  it('adds without the error of floating point, and returns 0 for an empty list', () => {
    expect(sumOf(['0.1', '0.2'], (amount) => amount).toString()).toBe('0.3');
    expect(sumOf([], () => 1).toString()).toBe('0');
  });
});

describe('formatMoney', () => {
  it('writes digits, never an exponent', () => {
    expect(formatMoney('0.000000001')).toBe('0.000000001');
    expect(formatMoney('1e21')).toBe('1000000000000000000000');
    expect(formatMoney('5.00')).toBe('5');
  });
});
