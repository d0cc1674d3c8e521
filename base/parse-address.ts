/**
 * Parses the addresses of servers: SCHEME://[USER[:PASSWORD]@]HOST[:PORT][,HOST[:PORT]…][/PATH][?QUERY]. The class URL knows no list
 * of hosts, and takes a password with a # or a / for a host and a port. Pure.
 */

export interface Address {
  readonly scheme: string;
  /** As written, not decoded; undefined without an @. */
  readonly credentials: string | undefined;
  readonly hosts: readonly HostAndPort[];
  /** With its slash; empty if absent. */
  readonly path: string;
  readonly query: URLSearchParams;
}

export interface HostAndPort {
  /** An IPv6 address stands without brackets. Empty in an address such as postgres:///name. */
  readonly host: string;
  readonly port: number | undefined;
}

/** Thrown for an address that can never work. The message says what to write instead, and contains no part of the address. */
export class AddressError extends Error {}

const PARTS = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?(#.*)?$/i;
const HOST = /^(?:\[([0-9a-f:.%]+)\]|([^:[\]@]*))(?::(\d*))?$/i;
const ENCODE = 'in a user or password, write # as %23, / as %2F, ? as %3F, @ as %40 and % as %25';

/** @throws AddressError */
export function parseAddress(text: string): Address {
  if (/\s/.test(text)) throw new AddressError('expected no blank and no line break; write a blank as %20');
  const [, scheme, authority = '', path = '', query = '', fragment] = PARTS.exec(text) ?? [];
  if (scheme === undefined) throw new AddressError('expected SCHEME://HOST:PORT');
  if (fragment !== undefined) throw new AddressError(`a # ends the address: ${ENCODE}`);
  const at = authority.lastIndexOf('@');
  const parameters = new URLSearchParams(query);
  if (at < 0 && (path.includes('@') || [...parameters.keys()].some((key) => key.includes('@'))))
    throw new AddressError(`the @ stands behind the first / or ?: ${ENCODE}`);
  return {
    scheme: scheme.toLowerCase(),
    credentials: at < 0 ? undefined : authority.slice(0, at),
    hosts: authority
      .slice(at + 1)
      .split(',')
      .map(parseHost),
    path,
    query: parameters,
  };
}

function parseHost(text: string): HostAndPort {
  const [, ipv6, name = '', port] = HOST.exec(text) ?? [];
  if (ipv6 === undefined && !HOST.test(text))
    throw new AddressError(`expected HOST or HOST:PORT, with an IPv6 address in brackets; ${ENCODE}`);
  if (port && (Number(port) < 1 || Number(port) > 65_535)) throw new AddressError('expected a port from 1 to 65535');
  return { host: ipv6 ?? name, port: port ? Number(port) : undefined };
}

/** Decodes the user and the password of an address. @throws AddressError if a % is not followed by two hexadecimal digits */
export function decodeCredentials({ credentials = '' }: Address): { username?: string; password?: string } {
  const colon = credentials.indexOf(':');
  const [username, password] =
    colon < 0 ? [credentials, ''] : [credentials.slice(0, colon), credentials.slice(colon + 1)];
  try {
    return {
      ...(username && { username: decodeURIComponent(username) }),
      ...(password && { password: decodeURIComponent(password) }),
    };
  } catch {
    throw new AddressError(`a % is not followed by two hexadecimal digits: ${ENCODE}`);
  }
}

/** @throws AddressError if the text is not an http or https URL that a client can use */
export function parseHttpAddress(text: string): Address {
  if (!/^https?:\/\//i.test(text)) throw new AddressError('expected an http or https URL');
  const address = parseAddress(text);
  const [first, ...others] = address.hosts;
  if (!first?.host || others.length > 0 || !URL.canParse(text)) throw new AddressError('expected one host');
  decodeCredentials(address);
  return address;
}

/** Returns the message of the AddressError that `parse` throws, or undefined. */
export function findAddressFault(text: string, parse: (text: string) => unknown): string | undefined {
  try {
    parse(text);
    return undefined;
  } catch (error) {
    if (error instanceof AddressError) return error.message;
    throw error;
  }
}
