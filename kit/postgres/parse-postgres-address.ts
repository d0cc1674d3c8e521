import { type Address, AddressError, parseAddress } from '#base/parse-address.ts';

/**
 * Parses DATABASE_URL. pg itself would find a fault only at its first connection, and try again for ever. Pure.
 * @throws AddressError for a URL that can never work
 */
export function parsePostgresAddress(url: string): Address {
  if (!/^postgres(ql)?:\/\//.test(url)) throw new AddressError('must start with postgres://');
  const address = parseAddress(url);
  if (address.hosts.length > 1)
    throw new AddressError('expected one host: use an address that follows the primary, such as that of a proxy');
  if (/.\/|@/.test(address.path))
    throw new AddressError(
      'expected the name of a database as path; in a user or password, write / as %2F and @ as %40',
    );
  return address;
}
