import { describe, expect, it } from 'vitest';
import { compareVersions, parseVersion } from './part.ts';

describe('parseVersion', () => {
  it.each([
    ['etcd Version: 3.6.16\nGit SHA: 1', '3.6.16'],
    ['Kubernetes v1.36.3', '1.36.3'],
    ['prometheus, version 2.42.0+ds (branch: debian/sid', '2.42.0'],
    ['postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)', '15.18'],
    ['5:7.0.15-1~deb12u10', '7.0.15'],
    ['go1.26.8 linux/amd64'.replace('go', ''), '1.26.8'],
    ['no version here', undefined],
  ])('reads %j', (text, version) => expect(parseVersion(text)).toBe(version));
});

describe('compareVersions', () => {
  it.each([
    ['3.4.23', '3.5.13', -1],
    ['3.10', '3.9', 1],
    ['17', '17.0.0', 0],
    ['2.42.0', '2.42', 0],
  ])('%s and %s', (a, b, sign) => expect(Math.sign(compareVersions(a, b))).toBe(sign));
});
