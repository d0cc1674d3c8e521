import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { basename } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describeFailure } from './host-probe.ts';
import { NotHad } from './part.ts';
import type { StepLog } from './step-log.ts';

/** A download that gives no byte for this long has failed. */
const STALL_MS = 60_000;

export interface Checksum {
  readonly algorithm: 'sha256' | 'sha512';
  readonly hex: string;
}

export async function readText(url: string): Promise<string> {
  const response = await request(url, AbortSignal.timeout(STALL_MS));
  return response.text();
}

/** Downloads to a file and refuses it when it is not what its checksum says. */
export async function downloadFile(
  url: string,
  file: string,
  expected: Checksum,
  log: StepLog,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  log.write(`downloading ${url}\n`);
  const stall = new AbortController();
  const response = await request(url, stall.signal, headers);
  const hash = createHash(expected.algorithm);
  const meter = buildMeter(stall, Number(response.headers.get('content-length')), log);
  const tap = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      meter.count(chunk.length);
      done(null, chunk);
    },
  });
  try {
    await pipeline(Readable.fromWeb(response.body as never), tap, createWriteStream(file), { signal: stall.signal });
  } catch (error) {
    throw new NotHad(`download of ${basename(file)} broke off: ${describeFailure(error)}`);
  } finally {
    meter.stop();
  }
  const actual = hash.digest('hex');
  if (actual !== expected.hex.toLowerCase()) {
    throw new NotHad(`${url} has the ${expected.algorithm} ${actual}, but should have ${expected.hex}: not used`);
  }
}

async function request(
  url: string,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const response = await fetch(url, { signal, headers }).catch((error: unknown) => {
    throw new NotHad(`${url}: ${describeFailure(error)}`);
  });
  if (!response.ok || !response.body) throw new NotHad(`${url} answered ${response.status} ${response.statusText}`);
  return response;
}

function buildMeter(stall: AbortController, total: number, log: StepLog) {
  let bytes = 0;
  let shown = 0;
  const abort = () => stall.abort(new NotHad(`no data for ${STALL_MS / 1000} s`));
  let timer = setTimeout(abort, STALL_MS);
  return {
    stop: () => clearTimeout(timer),
    count(length: number) {
      bytes += length;
      clearTimeout(timer);
      timer = setTimeout(abort, STALL_MS);
      if (bytes - shown < 5_000_000) return;
      shown = bytes;
      log.write(`${megabytes(bytes)} of ${total > 0 ? megabytes(total) : '?'} MB\n`);
    },
  };
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(0);
}

/** The line of a SHA256SUMS-like file that belongs to a file, or the only one: `<hex>`, `<hex>  name`, `name: <HEX in groups>`. Pure. */
export function parseChecksum(text: string, name: string, algorithm: Checksum['algorithm']): Checksum {
  const digits = algorithm === 'sha256' ? 64 : 128;
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const own = lines.filter((line) => line.includes(name));
  // Apache writes `name: AB12 CD34 …` over several lines
  const joined = text.replace(name, '').replaceAll(/[\s:]/g, '');
  const candidates = [...own.map((line) => line.trim().split(/\s+/)[0] ?? ''), joined];
  const hex = candidates.find((candidate) => candidate.length === digits && /^[\da-fA-F]+$/.test(candidate));
  if (!hex) throw new NotHad(`the published checksums do not name ${name}`);
  return { algorithm, hex };
}
