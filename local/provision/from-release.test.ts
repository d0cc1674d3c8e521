import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { platform } from './cache.ts';
import { fromRelease, type Release } from './from-release.ts';
import { silentLog } from './step-log.ts';

describe('fromRelease', () => {
  const files = new Map<string, Buffer>();
  let folder: string;
  let server: Server;
  let url: string;

  /** A fake download site, which serves the contents of `files`. */
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'trading-platform-release-'));
    server = createServer((request, response) => {
      const file = files.get(request.url ?? '');
      if (file) response.end(file);
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true });
    files.clear();
  });

  const publish = (path: string, content: Buffer) => {
    files.set(path, content);
    files.set(`${path}.sha256`, Buffer.from(createHash('sha256').update(content).digest('hex')));
  };
  const packArchive = (): Buffer => {
    mkdirSync(join(folder, 'tool-1', 'bin'), { recursive: true });
    writeFileSync(join(folder, 'tool-1', 'bin', 'tool'), 'a program', { mode: 0o755 });
    execFileSync('tar', ['-czf', join(folder, 'tool.tgz'), '-C', folder, 'tool-1']);
    return readFileSync(join(folder, 'tool.tgz'));
  };
  const get = (release: Pick<Release<'tool'>, 'urls' | 'pack' | 'files'>) => {
    const step = join(folder, 'step');
    mkdirSync(step);
    const checksum = { algorithm: 'sha256', published: (file: string) => `${file}.sha256` } as const;
    return fromRelease({ version: '1', checksum, ...release }).get({ folder: step, log: silentLog });
  };

  it('unpacks an archive without a top folder', async () => {
    writeFileSync(join(folder, 'tool'), 'a program', { mode: 0o755 });
    execFileSync('tar', ['-czf', join(folder, 'flat.tgz'), '-C', folder, 'tool']);
    publish('/flat.tgz', readFileSync(join(folder, 'flat.tgz')));
    await get({ urls: { [platform]: `${url}/flat.tgz` }, pack: 'flat-tar', files: { tool: 'tool' } });
    expect(readFileSync(join(folder, 'step', 'tool'), 'utf8')).toBe('a program');
  });

  it('removes the top folder of an archive', async () => {
    publish('/tool-1.tgz', packArchive());
    const had = await get({ urls: { [platform]: `${url}/tool-1.tgz` }, pack: 'tar', files: { tool: 'bin/tool' } });
    expect(had).toMatchObject({ version: '1', files: { tool: 'bin/tool' } });
    expect(readFileSync(join(folder, 'step', 'bin/tool'), 'utf8')).toBe('a program');
    expect(existsSync(join(folder, 'step', 'tool-1.tgz'))).toBe(false);
  });

  it('makes a bare program executable', async () => {
    publish('/tool', Buffer.from('a program'));
    await get({ urls: { [platform]: `${url}/tool` }, pack: { program: 'tool' }, files: { tool: 'tool' } });
    expect(statSync(join(folder, 'step', 'tool')).mode & 0o111).toBe(0o111);
  });

  it('refuses an archive that does not match the published checksum', async () => {
    publish('/tool-1.tgz', packArchive());
    files.set('/tool-1.tgz', Buffer.from('something else'));
    const getting = get({ urls: { [platform]: `${url}/tool-1.tgz` }, pack: 'tar', files: { tool: 'bin/tool' } });
    await expect(getting).rejects.toThrow('not used');
  });

  it('reports that there is no release for this platform', async () => {
    const getting = get({ urls: { 'plan9-mips': `${url}/tool-1.tgz` }, pack: 'tar', files: { tool: 'bin/tool' } });
    await expect(getting).rejects.toThrow(`has no release for ${platform}`);
  });
});
