import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fromImage } from './from-image.ts';
import { silentLog } from './step-log.ts';

/** A fake registry. It implements the part of the distribution protocol that a pull needs, including the token challenge. */
class FakeRegistry {
  readonly blobs = new Map<string, Buffer>();
  readonly requests: string[] = [];
  index = '';
  url = '';
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      const path = request.url ?? '';
      this.requests.push(path);
      if (path.startsWith('/token')) return response.end(JSON.stringify({ token: 'secret' }));
      if (request.headers.authorization !== 'Bearer secret') {
        const challenge = `Bearer realm="${this.url}/token",service="fake"`;
        return response.writeHead(401, { 'www-authenticate': challenge }).end();
      }
      if (path === '/v2/some/operator/manifests/v1') return response.end(this.index);
      const blob = this.blobs.get(path.split('/').at(-1) ?? '');
      return blob ? response.end(blob) : response.writeHead(404).end();
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  add(content: Buffer | string): string {
    const blob = Buffer.from(content);
    const digest = `sha256:${createHash('sha256').update(blob).digest('hex')}`;
    this.blobs.set(digest, blob);
    return digest;
  }
}

function packLayer(folder: string, path: string, text: string): Buffer {
  const root = mkdtempSync(join(folder, 'layer-'));
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
  execFileSync('tar', ['-czf', join(folder, 'layer.tgz'), '-C', root, '.']);
  return readFileSync(join(folder, 'layer.tgz'));
}

describe('fromImage', () => {
  const registry = new FakeRegistry();
  let folder: string;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'trading-platform-image-'));
    await registry.start();
    const layers = [packLayer(folder, 'etc/base', 'base'), packLayer(folder, 'bin/operator', 'the program')];
    const manifest = JSON.stringify({ layers: layers.map((layer) => ({ digest: registry.add(layer) })) });
    const platforms = ['amd64', 'arm64'].map((architecture) => ({
      digest: registry.add(manifest),
      platform: { os: 'linux', architecture },
    }));
    registry.index = JSON.stringify({ manifests: platforms });
  });

  afterEach(() => {
    registry.stop();
    rmSync(folder, { recursive: true });
  });

  const get = () => {
    const image = { repository: 'some/operator', tag: 'v1', version: '1', path: 'bin/operator', program: 'operator' };
    mkdirSync(join(folder, 'step'));
    return fromImage({ registry: registry.url, ...image }).get({ folder: join(folder, 'step'), log: silentLog });
  };

  it('extracts the program from the layer that contains it, with an anonymous token', async () => {
    expect(await get()).toMatchObject({ version: '1', files: { operator: 'operator' } });
    const program = join(folder, 'step', 'operator');
    expect(readFileSync(program, 'utf8')).toBe('the program');
    expect(statSync(program).mode & 0o111).not.toBe(0);
    expect(registry.requests).toContain('/token?service=fake&scope=repository%3Asome%2Foperator%3Apull');
  });

  it('refuses a layer that does not match its digest', async () => {
    for (const [digest, blob] of registry.blobs) {
      if (blob[0] === 0x1f) registry.blobs.set(digest, Buffer.concat([blob, Buffer.from('x')]));
    }
    await expect(get()).rejects.toThrow('not used');
  });

  it('refuses a manifest that does not match its digest', async () => {
    for (const [digest, blob] of registry.blobs) {
      if (blob[0] === 0x7b) registry.blobs.set(digest, Buffer.from(`${blob} `));
    }
    await expect(get()).rejects.toThrow(/the manifest sha256:\w+ has the digest sha256:\w+: not used/);
  });
});
