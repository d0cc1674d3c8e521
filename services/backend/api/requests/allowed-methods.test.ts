import { describe, expect, it } from 'vitest';
import { matchesRoute } from './allowed-methods.ts';

describe('matchesRoute', () => {
  it.each([
    ['/api/v1/bots', '/api/v1/bots'],
    ['/api/v1/bots', '/api/v1/bots/'],
    ['/api/v1/bots/:bot_id', '/api/v1/bots/a.b'],
    ['/docs/static/*', '/docs/static/a/b.js'],
    ['/docs/', '/docs'],
    ['/', '/'],
  ])('%s matches %s', (route, path) => {
    expect(matchesRoute(route, path)).toBe(true);
  });

  it.each([
    ['/api/v1/bots', '/api/v1/bot'],
    ['/api/v1/bots', '/api/v1/bots/x'],
    ['/api/v1/bots/:bot_id', '/api/v1/bots/'],
    ['/api/v1/bots/:bot_id', '/api/v1/bots//'],
    ['/docs/static/*', '/docs/other/x'],
  ])('%s does not match %s', (route, path) => {
    expect(matchesRoute(route, path)).toBe(false);
  });
});
