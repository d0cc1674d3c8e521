import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';

export interface FakeAmp {
  readonly url: string;
  /** The answers so far: 200 for a signature that is right, 403 for any other. */
  readonly answers: readonly number[];
  stop(): Promise<void>;
}

interface Account {
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/**
 * Starts a FAKE of Amazon Managed Prometheus: it takes remote writes and stores nothing. It signs each request anew with the
 * signer of the AWS SDK, and refuses it if the signatures differ, as AWS does.
 */
export async function startFakeAmp({ region, ...credentials }: Account): Promise<FakeAmp> {
  const signer = new SignatureV4({ service: 'aps', region, credentials, sha256: Sha256, applyChecksum: false });
  const answers: number[] = [];
  const server = createServer(async (request, response) => {
    const expected = await sign(signer, request, await buffer(request));
    const status = expected !== undefined && request.headers.authorization === expected ? 200 : 403;
    answers.push(status);
    response.writeHead(status).end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answers,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** Returns the header Authorization that the request must have. It covers the headers that the client chose to sign. */
async function sign(signer: SignatureV4, request: IncomingMessage, body: Buffer): Promise<string | undefined> {
  const names = /SignedHeaders=([^,\s]+)/.exec(request.headers.authorization ?? '')?.[1]?.split(';') ?? [];
  const time = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(request.headers['x-amz-date']));
  if (!time) return undefined;
  const [year = 0, month = 0, ...rest] = time.slice(1).map(Number);
  const signed = await signer.sign(
    {
      method: request.method ?? '',
      protocol: 'http:',
      hostname: '127.0.0.1',
      path: request.url ?? '',
      query: {},
      headers: Object.fromEntries(names.map((name) => [name, String(request.headers[name])])),
      body,
    },
    { signingDate: new Date(Date.UTC(year, month - 1, ...rest)) },
  );
  return signed.headers.authorization;
}
