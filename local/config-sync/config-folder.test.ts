import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeConfigFolder } from './config-folder.ts';

describe('writeConfigFolder', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'trading-platform-config-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('writes new and changed files, removes obsolete ones, and returns the paths of all these', () => {
    const first = { 'prometheus.yaml': 'a', 'rules/one/x.yaml': 'x', 'rules/one/y.yaml': 'y' };
    expect(writeConfigFolder(folder, new Map(Object.entries(first)))).toEqual(Object.keys(first));
    const second = { 'prometheus.yaml': 'a', 'rules/one/x.yaml': 'other' };
    expect(writeConfigFolder(folder, new Map(Object.entries(second)))).toEqual([
      'rules/one/x.yaml',
      'rules/one/y.yaml',
    ]);
    expect(readFileSync(join(folder, 'rules/one/x.yaml'), 'utf8')).toBe('other');
    expect(existsSync(join(folder, 'rules/one/y.yaml'))).toBe(false);
  });

  it('returns no paths if nothing changed', () => {
    const files = new Map([['prometheus.yaml', 'a']]);
    writeConfigFolder(folder, files);
    expect(writeConfigFolder(folder, files)).toEqual([]);
  });
});
