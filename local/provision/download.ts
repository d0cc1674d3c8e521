import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { basename } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describeFailure } from './host-probe.ts';
import { NotHad } from './part.ts';
import type { StepLog } from './step-log.ts';

/** A download fails if no data arrive for this long. */
const STALL_MS = 60_000;

export interface Checksum {
  readonly algorithm: 'sha256' | 'sha512';
  readonly hex: string;
}

export async function readText(url: string): Promise<string> {
  const response = await request(url, AbortSignal.timeout(STALL_MS));
  return response.text();
}

/**
 * Downloads a URL to a file and verifies its checksum.
 * @throws NotHad if the download breaks off, stalls, or has another checksum
 */
export async function downloadFile(
  url: string,
  file: string,
  expected: Checksum,
  log: StepLog,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  log.write(`downloading ${url}\n`);
  const stalled = new AbortController();
  const response = await request(url, stalled.signal, headers);
  const hash = createHash(expected.algorithm);
  const meter = startMeter(stalled, Number(response.headers.get('content-length')), log);
  const tap = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      meter.count(chunk.length);
      done(null, chunk);
    },
  });
  try {
    await pipeline(Readable.fromWeb(response.body as never), tap, createWriteStream(file), { signal: stalled.signal });
  } catch (error) {
    throw new NotHad(`download of ${basename(file)} broke off: ${describeFailure(error)}`);
  } finally {
    meter.stop();
  }
  const actual = hash.digest('hex');
  if (actual !== expected.hex.toLowerCase()) {
    throw new NotHad(`${url}: expected the ${expected.algorithm} ${expected.hex}, got ${actual}: not used`);
  }
}

async function request(
  url: string,
  abort: AbortSignal,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const response = await fetch(url, { signal: abort, headers }).catch((error: unknown) => {
    throw new NotHad(`${url}: ${describeFailure(error)}`);
  });
  if (!response.ok || !response.body) throw new NotHad(`${url} answered ${response.status} ${response.statusText}`);
  return response;
}

/** Logs the progress of a download, and aborts it when no data arrive for STALL_MS. */
function startMeter(stalled: AbortController, total: number, log: StepLog) {
  let bytes = 0;
  let shown = 0;
  const abort = () => stalled.abort(new NotHad(`no data for ${STALL_MS / 1000} s`));
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

/**
 * Finds the checksum of a file in a published list. Reads a bare `<hex>`, lines of `<hex>  name`, and `name: <HEX in groups>`. Pure.
 * @throws NotHad if the list does not name the file
 */
export function parseChecksum(text: string, name: string, algorithm: Checksum['algorithm']): Checksum {
  const digits = algorithm === 'sha256' ? 64 : 128;
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const own = lines.filter((line) => line.includes(name));
  // Apache publishes `name: AB12 CD34 …`, wrapped over several lines
  const joined = text.replace(name, '').replaceAll(/[\s:]/g, '');
  const candidates = [...own.map((line) => line.trim().split(/\s+/)[0] ?? ''), joined];
  const hex = candidates.find((candidate) => candidate.length === digits && /^[\da-fA-F]+$/.test(candidate));
  if (!hex) throw new NotHad(`the published checksums do not name ${name}`);
  return { algorithm, hex };
}
