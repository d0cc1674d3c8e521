import { networkInterfaces } from 'node:os';
import { expect, it } from 'vitest';
import { ANY_ADDRESS, chooseListenHost, plainAddress } from './listen-host.ts';
import { startOpsServer } from './ops-server.ts';

const hasIpv6 = Object.values(networkInterfaces()).some((one) => one?.some(({ family }) => family === 'IPv6'));

it('takes :: on a machine with IPv6 and 0.0.0.0 on one without; another address stays', async () => {
  expect(await chooseListenHost(ANY_ADDRESS)).toBe(hasIpv6 ? '::' : '0.0.0.0');
  expect(await chooseListenHost('127.0.0.1')).toBe('127.0.0.1');
});

it('a server on that address answers by IPv4, and by IPv6 if the machine has it', async () => {
  const scrape = async () => ({ contentType: 'text/plain', body: 'a_metric 1\n' });
  const server = await startOpsServer({ host: await chooseListenHost(ANY_ADDRESS), port: 0, scrape });
  try {
    for (const host of ['127.0.0.1', ...(hasIpv6 ? ['[::1]'] : [])])
      expect((await fetch(`http://${host}:${server.port}/healthz`)).status).toBe(200);
  } finally {
    await server.stop();
  }
});

it.each([
  ['::ffff:10.1.2.3', '10.1.2.3'],
  ['::1', '::1'],
  ['::ffff:a00:1', '::ffff:a00:1'],
])('%s is shown as %s', (address, expected) => {
  expect(plainAddress(address)).toBe(expected);
});
