import { describe, expect, it } from 'vitest';
import { describeFailure, startHostProbe } from './host-probe.ts';

describe('startHostProbe', () => {
  it('contacts a host once, however many callers ask at the same time', async () => {
    const asked: string[] = [];
    const probe = startHostProbe(async (host) => asked.push(host));
    await Promise.all([probe('a.example'), probe('a.example'), probe('b.example')]);
    await probe('a.example');
    expect(asked).toEqual(['a.example', 'b.example']);
  });

  it('remembers why a host does not answer', async () => {
    let tries = 0;
    const probe = startHostProbe(async () => {
      tries++;
      throw new TypeError('fetch failed', { cause: Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' }) });
    });
    expect([await probe('a.example'), await probe('a.example')]).toEqual(Array(2).fill('its name does not resolve'));
    expect(tries).toBe(1);
  });
});

describe('describeFailure', () => {
  it('names the ten seconds after a timeout', () => {
    expect(describeFailure(new DOMException('The operation timed out', 'TimeoutError'))).toBe('no answer within 10 s');
  });

  it('uses the cause, which is more specific than "fetch failed"', () => {
    const cause = new Error('connect ECONNREFUSED 127.0.0.1:1');
    expect(describeFailure(new TypeError('fetch failed', { cause }))).toBe(cause.message);
  });
});
