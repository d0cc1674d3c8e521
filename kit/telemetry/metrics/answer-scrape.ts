import type { IncomingHttpHeaders } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Scrape } from '../telemetry.ts';

const compress = promisify(gzip);

interface HttpAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * Returns the response of /metrics in the format and encoding that the request's headers ask for. Prometheus accepts
 * gzip, which makes the body ten times smaller. zlib compresses in a thread of its own, so the event loop is not
 * blocked.
 */
export async function answerScrape(scrape: Scrape, request: IncomingHttpHeaders): Promise<HttpAnswer> {
  const { contentType, body } = await scrape(request.accept);
  const headers = { 'content-type': contentType, vary: 'Accept, Accept-Encoding' };
  const text = Buffer.from(body);
  if (!takesGzip(request['accept-encoding'])) return { headers: sized(headers, text), body: text };
  const packed = await compress(text);
  return { headers: { ...sized(headers, packed), 'content-encoding': 'gzip' }, body: packed };
}

function sized(headers: Readonly<Record<string, string>>, body: Buffer): Record<string, string> {
  return { ...headers, 'content-length': String(body.length) };
}

function takesGzip(header: string | string[] | undefined): boolean {
  const codings = String(header ?? '').split(',');
  return codings.some((coding) => /^\s*(gzip|\*)\s*(;\s*q=(?!0(\.0*)?\s*$)|$)/i.test(coding));
}
