import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { createHostCheck } from './host-check.ts';

const answers = createHostCheck(['backend', 'Trading.example.com', '*.desk.example']);

describe('createHostCheck', () => {
  it.each([
    '127.0.0.1:8000',
    '10.244.0.7:8001',
    '[::1]:8000',
    '[fd00::7]',
    'localhost',
    'LOCALHOST:8000',
    'localhost.:8000',
    'app.localhost:8000',
    hostname(),
    'backend:8000',
    'trading.example.com',
    'trading.example.com.:443',
    'a.desk.example',
    undefined,
  ])('answers to %s', (host) => {
    expect(answers(host)).toBe(true);
  });

  it.each([
    'evil.example:8000',
    'evil.example',
    '',
    'localhost.evil.example',
    'evillocalhost',
    '127.0.0.1.evil.example',
    'backend.evil.example',
    'desk.example',
    'a@localhost',
    'localhost:8000:9000',
    'localhost evil.example',
    '0x7f.1',
  ])('does not answer to %j', (host) => {
    expect(answers(host)).toBe(false);
  });

  it('answers to every name if the names include *', () => {
    expect(createHostCheck(['*'])('evil.example')).toBe(true);
  });
});
