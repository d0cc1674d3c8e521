import { describe, expect, it } from 'vitest';
import { createLogger } from '#kit/log.ts';
import { keepTrying } from './keep-trying.ts';

const log = createLogger('test', 'silent');

describe('keepTrying', () => {
  it('tries until it works, and gives what came of it', async () => {
    let tries = 0;
    const work = async () => {
      tries += 1;
      if (tries < 3) throw new Error('away');
      return 'here';
    };
    expect(await keepTrying('reach it', work, { log, signal: new AbortController().signal })).toBe('here');
    expect(tries).toBe(3);
  });

  it('gives up once it is told to, in the middle of a wait', async () => {
    const stopping = new AbortController();
    const trying = keepTrying('reach it', () => Promise.reject(new Error('away')), { log, signal: stopping.signal });
    setTimeout(() => stopping.abort(new Error('told to stop')), 20);
    await expect(trying).rejects.toThrow('told to stop');
  });
});
