import { describe, expect, it } from 'vitest';
import { findAddressFault } from '#base/parse-address.ts';
import { parseRedisAddress } from './redis-address.ts';

describe('parseRedisAddress', () => {
  it.each(['redis://127.0.0.1:6379', 'rediss://u:p%23@r:6380/15', 'redis://:p@[::1]:6379/', 'redis://r?family=6'])(
    'takes %s as one server',
    (url) => expect(parseRedisAddress(url)).toEqual({ kind: 'single' }),
  );

  it('reads Sentinels, the name they know, the database and both passwords', () => {
    expect(parseRedisAddress('rediss+sentinel://u:p%2Fw@a:26380,b/mymaster/2?sentinelPassword=s%26p')).toEqual({
      kind: 'sentinel',
      tls: true,
      username: 'u',
      password: 'p/w',
      sentinels: [
        { host: 'a', port: 26_380 },
        { host: 'b', port: 26_379 },
      ],
      name: 'mymaster',
      db: 2,
      sentinelPassword: 's&p',
    });
  });

  it('reads the nodes of a Cluster', () => {
    expect(parseRedisAddress('redis+cluster://:p@a:7000,[fd00::1]')).toEqual({
      kind: 'cluster',
      tls: false,
      password: 'p',
      nodes: [
        { host: 'a', port: 7_000 },
        { host: 'fd00::1', port: 6_379 },
      ],
    });
  });

  it.each([
    ['http://r:6379', 'expected redis://'],
    ['redis+ring://r:6379', 'expected redis://'],
    ['redis://', 'expected a host'],
    ['redis://a:1,b:2', 'several hosts need redis+sentinel:// or redis+cluster://'],
    ['redis://r:6379/main', 'expected a number of a database as path, such as /0'],
    ['redis+sentinel://a:26379', 'expected the name that the Sentinels know'],
    ['redis+sentinel://a:26379/mymaster/x', 'expected a number of a database'],
    ['redis+cluster://a:7000/1', 'a Cluster has database 0 only'],
    ['redis://:pa#ss@r:6379', 'a # ends the address'],
    ['redis://:100%@r:6379', 'a % is not followed'],
  ])('refuses %s', (url, message) => expect(findAddressFault(url, parseRedisAddress)).toContain(message));
});
