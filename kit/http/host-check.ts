/**
 * The check of the header Host. A web page can point a name of its own at 127.0.0.1 or at an address of a private network
 * (DNS rebinding), and would then be allowed to read answers and to send changes. The browser still sends the page's name
 * as Host, so a server that answers only to its own names is safe.
 */
import { isIP } from 'node:net';
import { hostname } from 'node:os';

/** Returns whether a server may answer a request with this header Host. Only requests of HTTP/1.0 may lack the header. */
type HostCheck = (host: string | undefined) => boolean;

/**
 * Returns a check that accepts IP addresses, which need no name server, localhost and the names below it, the name of
 * this machine, and the given names.
 * @param names host names without a port; `*.example.com` accepts every name below example.com, `*` accepts every name
 */
export function createHostCheck(names: readonly string[]): HostCheck {
  const known = new Set(['localhost', hostname(), ...names].map(withoutDot));
  const below = ['.localhost', ...names.filter((name) => name.startsWith('*.')).map((name) => name.slice(1))];
  const any = names.includes('*');
  return (host) => {
    if (host === undefined || any) return true;
    const name = parseName(host);
    return name !== undefined && (isIP(name) > 0 || known.has(name) || below.some((end) => name.endsWith(end)));
  };
}

/** Returns the name or the address in a header Host, without port and brackets. Returns undefined if it is malformed. */
function parseName(host: string): string | undefined {
  const [, address, name] = /^(?:\[([\da-f:.]+)\]|([^\s:[\]@/]+))(?::\d{1,5})?$/i.exec(host) ?? [];
  return address ?? (name === undefined ? undefined : withoutDot(name));
}

function withoutDot(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
