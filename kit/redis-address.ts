import { AddressError, decodeCredentials, type HostAndPort, parseAddress } from '#base/parse-address.ts';

/** What REDIS_URL says: one server, the Sentinels that know the current one, or some nodes of a Cluster. */
export type RedisAddress =
  | { readonly kind: 'single' }
  | (Login & {
      readonly kind: 'sentinel';
      readonly sentinels: readonly Endpoint[];
      /** The name under which the Sentinels watch the servers. */
      readonly name: string;
      readonly db: number;
      readonly sentinelUsername?: string;
      readonly sentinelPassword?: string;
    })
  | (Login & { readonly kind: 'cluster'; readonly nodes: readonly Endpoint[] });

interface Login {
  readonly username?: string;
  readonly password?: string;
  readonly tls: boolean;
}

interface Endpoint {
  readonly host: string;
  readonly port: number;
}

const REDIS_FORMS =
  'redis://[USER:PASSWORD@]HOST:PORT[/DATABASE], redis+sentinel://[USER:PASSWORD@]HOST:PORT,HOST:PORT/NAME[/DATABASE] or redis+cluster://[USER:PASSWORD@]HOST:PORT,HOST:PORT, each with rediss for TLS';

/**
 * Parses REDIS_URL. Pure.
 * @throws AddressError for a URL that can never work
 */
export function parseRedisAddress(url: string): RedisAddress {
  const address = parseAddress(url);
  const [, secure, kind = 'single'] = /^redis(s?)(?:\+(sentinel|cluster))?$/.exec(address.scheme) ?? [];
  if (secure === undefined) throw new AddressError(`expected ${REDIS_FORMS}`);
  if (address.hosts.some(({ host }) => host === '')) throw new AddressError(`expected a host: ${REDIS_FORMS}`);
  const login = { ...decodeCredentials(address), tls: secure === 's' };
  if (kind === 'sentinel') {
    const [name, db] = readSentinelPath(address.path);
    const sentinels = withPort(address.hosts, 26_379);
    return { kind, ...login, name, db, sentinels, ...readSentinelLogin(address.query) };
  }
  if (kind === 'cluster') {
    if (readDatabase(address.path) !== 0) throw new AddressError('a Cluster has database 0 only: leave out the path');
    return { kind, ...login, nodes: withPort(address.hosts, 6_379) };
  }
  if (address.hosts.length > 1)
    throw new AddressError('several hosts need redis+sentinel:// or redis+cluster:// (rediss+… with TLS)');
  readDatabase(address.path);
  return { kind: 'single' };
}

function readSentinelPath(path: string): [name: string, db: number] {
  const [, name, database = ''] = /^\/([^/]+)(\/.*)?$/.exec(path) ?? [];
  if (name === undefined)
    throw new AddressError('expected the name that the Sentinels know, as in redis+sentinel://HOST:26379/mymaster');
  return [name, readDatabase(database)];
}

function readDatabase(path: string): number {
  const [, database] = /^\/?(\d{0,4})$/.exec(path) ?? [];
  if (database === undefined) throw new AddressError('expected a number of a database as path, such as /0');
  return Number(database);
}

function readSentinelLogin(query: URLSearchParams) {
  const username = query.get('sentinelUsername');
  const password = query.get('sentinelPassword');
  return { ...(username && { sentinelUsername: username }), ...(password && { sentinelPassword: password }) };
}

function withPort(hosts: readonly HostAndPort[], standard: number): Endpoint[] {
  return hosts.map(({ host, port = standard }) => ({ host, port }));
}
