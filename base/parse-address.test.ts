import { describe, expect, it } from 'vitest';
import { AddressError, decodeCredentials, findAddressFault, parseAddress, parseHttpAddress } from './parse-address.ts';

describe('parseAddress', () => {
  it('splits credentials, several hosts, path and query', () => {
    const address = parseAddress('Redis+Sentinel://us%40er:p%23ss@a:1,[fd00::1]:2,c/mymaster/3?family=6');
    expect(address).toMatchObject({
      scheme: 'redis+sentinel',
      hosts: [
        { host: 'a', port: 1 },
        { host: 'fd00::1', port: 2 },
        { host: 'c', port: undefined },
      ],
      path: '/mymaster/3',
    });
    expect(decodeCredentials(address)).toEqual({ username: 'us@er', password: 'p#ss' });
    expect(address.query.get('family')).toBe('6');
  });

  it('takes a password without a user, one with an @, and an address without a host', () => {
    expect(decodeCredentials(parseAddress('redis://:p@ss@h'))).toEqual({ password: 'p@ss' });
    expect(decodeCredentials(parseAddress('redis://h'))).toEqual({});
    expect(parseAddress('postgres:///trading?user=me%40there').hosts).toEqual([{ host: '', port: undefined }]);
  });

  it.each([
    ['postgres://u:pa#ss@db/x', 'a # ends the address: in a user or password, write # as %23'],
    ['postgres://u:12#34@db/x', 'a # ends the address'],
    ['postgres://u:12/34@db/x', 'the @ stands behind the first / or ?'],
    ['postgres://u:12?34@db/x', 'the @ stands behind the first / or ?'],
    ['postgres://u:p@db:0/x', 'expected a port from 1 to 65535'],
    ['postgres://u:p@db:99999/x', 'expected a port from 1 to 65535'],
    ['postgres://u:p@db:port/x', 'expected HOST or HOST:PORT'],
    ['postgres://u:p@::1:5432/x', 'with an IPv6 address in brackets'],
    ['postgres://u:p@db /x', 'expected no blank and no line break'],
    ['postgres//u:p@db/x', 'expected SCHEME://HOST:PORT'],
    ['', 'expected SCHEME://HOST:PORT'],
  ])('refuses %s without repeating it', (text, message) => {
    const fault = findAddressFault(text, parseAddress);
    expect(fault).toContain(message);
    expect(fault).not.toMatch(/u:|:p@|34@/);
  });

  it('refuses a % that decodes to nothing', () => {
    expect(() => decodeCredentials(parseAddress('redis://:100%@h'))).toThrow('write # as %23');
    expect(() => decodeCredentials(parseAddress('redis://:%ff@h'))).toThrow(AddressError);
  });
});

describe('parseHttpAddress', () => {
  it.each(['http://localhost:9090', 'https://u:p%23ss@prometheus/base?x=1', 'http://[::1]:9090/', 'HTTP://a'])(
    'takes %s',
    (text) => expect(findAddressFault(text, parseHttpAddress)).toBeUndefined(),
  );

  it.each([
    ['localhost:9090', 'expected an http or https URL'],
    ['ftp://prometheus', 'expected an http or https URL'],
    ['http://', 'expected one host'],
    ['http://a,b', 'expected one host'],
    ['http://a^b', 'expected one host'],
    ['http://u:pa#ss@prometheus', 'a # ends the address'],
    ['http://u:100%@prometheus', 'a % is not followed'],
  ])('refuses %s', (text, message) => expect(findAddressFault(text, parseHttpAddress)).toContain(message));
});
