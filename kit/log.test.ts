import { describe, expect, it } from 'vitest';
import { describeError } from './log.ts';

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('describeError', () => {
  it('leaves out the address in the error of a malformed URL', () => {
    const described = describeError(thrownBy(() => new URL('postgres//u:hunter2@db')));
    expect(described).toMatchObject({ type: 'TypeError', message: 'Invalid URL', code: 'ERR_INVALID_URL' });
    expect(JSON.stringify(described)).not.toContain('hunter2');
  });

  it('leaves out the arguments of a refused command of Redis', () => {
    const refused = Object.assign(new Error('WRONGPASS invalid username-password pair'), {
      command: { name: 'hello', args: ['3', 'AUTH', 'default', 'hunter2'] },
    });
    const described = describeError(refused);
    expect(described).toMatchObject({ message: 'WRONGPASS invalid username-password pair' });
    expect(JSON.stringify(described)).not.toContain('hunter2');
  });

  it('masks credentials in messages, causes and every error of several', () => {
    const cause = new Error('no answer of redis://:hunter2@r:6379');
    const several = new AggregateError([new Error('http://u:hunter2@p refused')], 'all failed', { cause });
    const described = describeError(several);
    expect(JSON.stringify(described)).not.toContain('hunter2');
    expect(described).toMatchObject({
      message: 'all failed: no answer of redis://***@r:6379',
      aggregateErrors: [{ message: 'http://***@p refused' }],
    });
  });

  it('keeps codes and other plain values, and masks a text', () => {
    const error = Object.assign(new Error('no'), { code: 'ECONNREFUSED', port: 6_379, retriable: true });
    expect(describeError(error)).toMatchObject({ code: 'ECONNREFUSED', port: 6_379, retriable: true });
    expect(describeError('redis://:hunter2@r')).toBe('redis://***@r');
  });
});
