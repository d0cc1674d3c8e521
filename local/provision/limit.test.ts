import { expect, it } from 'vitest';
import { buildLimit } from './limit.ts';

it('lets at most so many run at once, and goes on after a failure', async () => {
  const limit = buildLimit(2);
  let running = 0;
  let most = 0;
  const work = async (fails: boolean) => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 5));
    running--;
    if (fails) throw new Error('failed');
    return 'done';
  };
  const results = await Promise.allSettled([true, false, true, false, false].map((fails) => limit(() => work(fails))));
  expect(most).toBe(2);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
});
