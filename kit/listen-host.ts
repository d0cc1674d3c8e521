import { createServer } from 'node:net';

/** The address on which a server accepts connections by IPv6 and, as `::ffff:…`, by IPv4. */
export const ANY_ADDRESS = '::';

/**
 * Returns the address to listen on: `host`, or 0.0.0.0 if `host` is `::` and the machine has no IPv6. Node falls back in
 * the same way, but only if no address is given; Fastify does not.
 */
export async function chooseListenHost(host: string): Promise<string> {
  return host === ANY_ADDRESS && !(await canListen(host)) ? '0.0.0.0' : host;
}

function canListen(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host, port: 0 }, () => server.close(() => resolve(true)));
  });
}

/** Returns an IPv4 address without the prefix that it has on a socket that listens on `::`. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, '');
}
