import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { downloadFile, parseChecksum } from './download.ts';
import { silentLog } from './step-log.ts';

const sha256 = 'a'.repeat(64);
const sha512 = 'b'.repeat(128);

describe('parseChecksum', () => {
  it('takes the line that names the file', () => {
    const list = `${'c'.repeat(64)}  etcd-darwin.zip\n${sha256}  etcd-linux.tar.gz\n`;
    expect(parseChecksum(list, 'etcd-linux.tar.gz', 'sha256')).toEqual({ algorithm: 'sha256', hex: sha256 });
  });

  it('takes a checksum that stands alone', () => {
    expect(parseChecksum(`${sha256}\n`, 'kube-apiserver', 'sha256').hex).toBe(sha256);
  });

  it("reads Apache's format: the name, then groups of digits over several lines", () => {
    const grouped = sha512.toUpperCase().replaceAll(/(.{8})/g, '$1 ');
    const text = `kafka_2.13-4.4.0.tgz: ${grouped.slice(0, 72)}\n  ${grouped.slice(72)}\n`;
    expect(parseChecksum(text, 'kafka_2.13-4.4.0.tgz', 'sha512').hex.toLowerCase()).toBe(sha512);
  });

  it('refuses a list that does not name the file', () => {
    const list = `${'c'.repeat(64)}  other.zip\n${'d'.repeat(64)}  another.zip\n`;
    expect(() => parseChecksum(list, 'mine.zip', 'sha256')).toThrow('do not name mine.zip');
  });
});

describe('downloadFile', () => {
  const body = Buffer.from('a program');
  const right = { algorithm: 'sha256', hex: createHash('sha256').update(body).digest('hex') } as const;
  let server: Server;
  let folder: string;
  let url: string;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'trading-platform-download-'));
    server = createServer((request, response) => {
      if (request.url === '/missing') response.writeHead(404).end();
      else response.end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterEach(() => {
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true });
  });

  it('keeps a file with the right checksum', async () => {
    await downloadFile(`${url}/program`, join(folder, 'program'), right, silentLog);
    expect(readFileSync(join(folder, 'program'))).toEqual(body);
  });

  it('refuses a file with another checksum, and names both', async () => {
    const wrong = { algorithm: 'sha256', hex: sha256 } as const;
    const download = downloadFile(`${url}/program`, join(folder, 'program'), wrong, silentLog);
    await expect(download).rejects.toThrow(new RegExp(`expected the sha256 ${sha256}, got ${right.hex}`));
  });

  it('reports a status that is no success, and writes no file', async () => {
    const download = downloadFile(`${url}/missing`, join(folder, 'program'), right, silentLog);
    await expect(download).rejects.toThrow('/missing answered 404');
    expect(existsSync(join(folder, 'program'))).toBe(false);
  });
});
