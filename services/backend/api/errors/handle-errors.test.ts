import { describe, expect, it } from 'vitest';
import { ApiProblem, buildProblemBody } from './api-problem.ts';
import { classifyError } from './handle-errors.ts';
import { problemDefinition, problemNames } from './problems.ts';

const withCode = (code: string, message = '') => Object.assign(new Error(message), { code });

describe('classifyError', () => {
  it.each([
    withCode('ECONNREFUSED'),
    withCode('57P01'),
    withCode('08006'),
    withCode('42P01', 'relation "pipelines" does not exist'),
    new Error('Connection terminated unexpectedly'),
    new Error('query failed', { cause: withCode('ECONNRESET') }),
    Object.assign(new AggregateError([withCode('ECONNREFUSED')]), { code: 'ECONNREFUSED' }),
  ])('classifies an error of an unreachable database: %s', (error) => {
    expect(classifyError(error).problem).toBe('database-unavailable');
  });

  it.each([
    [withCode('23505', 'duplicate key'), 'internal-error'],
    [new TypeError('x is undefined'), 'internal-error'],
    [Object.assign(new Error('too long'), { statusCode: 431 }), 'malformed-request'],
    [withCode('FST_ERR_CTP_BODY_TOO_LARGE'), 'payload-too-large'],
    [Object.assign(withCode('ECONNRESET', 'aborted'), { statusCode: 400 }), 'malformed-request'],
    ['thrown text', 'internal-error'],
  ])('classifies %s as %s', (error, problem) => {
    expect(classifyError(error).problem).toBe(problem);
  });

  it('keeps the message of an unexpected error out of the response, and in the cause', () => {
    const problem = classifyError(new Error('password is hunter2'));
    expect(JSON.stringify(buildProblemBody(problem, '/', 'id'))).not.toContain('hunter2');
    expect((problem.cause as Error).message).toContain('hunter2');
  });
});

describe('buildProblemBody', () => {
  it('has the members of RFC 9457 and the extra ones', () => {
    const problem = new ApiProblem('pipeline-busy', 'It runs.', {
      extra: { busy: ['e1'] },
      errors: [{ path: 'a', message: 'b' }],
    });
    expect(buildProblemBody(problem, '/x', 'r1')).toMatchObject({
      type: '/api/v1/problems/pipeline-busy',
      status: 409,
      detail: 'It runs.',
      instance: '/x',
      request_id: 'r1',
      errors: [{ path: 'a', message: 'b' }],
      busy: ['e1'],
    });
  });

  it('has a remedy for every kind of problem', () => {
    for (const name of problemNames) expect(problemDefinition(name).remedy.length, name).toBeGreaterThan(5);
  });
});
