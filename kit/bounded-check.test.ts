import { expect, it } from 'vitest';
import { createBoundedCheck } from './bounded-check.ts';

it('returns the answer, passes an error on, and asks again afterwards', async () => {
  const answers = ['full', undefined, new Error('refused')];
  const check = createBoundedCheck(async () => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  });
  expect([await check(), await check()]).toEqual(['full', undefined]);
  await expect(check()).rejects.toThrow('refused');
  expect(await check()).toBeUndefined();
});

it('ends its wait for a silent server, and asks it nothing else meanwhile', async () => {
  let asked = 0;
  let answer: (text: string | undefined) => void = () => undefined;
  const silences: number[] = [];
  const check = createBoundedCheck(
    () => {
      asked += 1;
      return new Promise((resolve) => {
        answer = resolve;
      });
    },
    (ms) => silences.push(ms),
  );
  expect(await Promise.all([check(), check()])).toEqual(Array(2).fill('no answer within 1000 ms'));
  expect(asked).toBe(1);
  expect(await check()).toBe('no answer within 1000 ms');
  expect(asked).toBe(1);
  expect(silences.at(-1)).toBeGreaterThan(1_900);

  answer(undefined);
  await Promise.resolve();
  const next = check();
  answer('back');
  expect([await next, asked]).toEqual(['back', 2]);
});
