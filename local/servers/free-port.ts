import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

const LOWEST = 20_000;
const DEFAULT_EPHEMERAL = 32_768;

/** The ports that this process has returned already. */
const given = new Set<number>();

/**
 * Finds a free port and never returns the same port twice. The port is below the kernel's range for outgoing connections, so that no
 * such connection can take it before the server does.
 */
export async function findFreePort(): Promise<number> {
  const highest = readEphemeralStart();
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (highest - LOWEST));
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}

function readEphemeralStart(): number {
  try {
    return Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s/)[0]);
  } catch {
    return DEFAULT_EPHEMERAL;
  }
}

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port }, () => server.close(() => resolve(true)));
  });
}
