import { AddressError } from '#base/parse-address.ts';

const BROKER = /^([a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?\.?):(\d{1,5})$/i;

/** The settings that Java clients write into the address of a broker. */
const settingsOf: Readonly<Record<string, string>> = {
  PLAINTEXT: 'leave out PLAINTEXT://',
  SSL: 'leave out SSL:// and set KAFKA_TLS=true',
  SASL_PLAINTEXT: 'leave out SASL_PLAINTEXT:// and set KAFKA_SASL_MECHANISM, KAFKA_USERNAME and KAFKA_PASSWORD',
  SASL_SSL: 'leave out SASL_SSL:// and set KAFKA_TLS=true, KAFKA_SASL_MECHANISM, KAFKA_USERNAME and KAFKA_PASSWORD',
};

/**
 * Parses the addresses of brokers, each host:port, separated by commas. Pure.
 * @throws AddressError for an address that can never work
 */
export function parseBrokers(text: string): string[] {
  const brokers = text.split(',').map((broker) => broker.trim());
  for (const broker of brokers) checkBroker(broker);
  return brokers;
}

function checkBroker(broker: string): void {
  const [, scheme] = /^([a-z_+]+):\/\//i.exec(broker) ?? [];
  if (scheme !== undefined)
    throw new AddressError(`must be host:port without a scheme; ${settingsOf[scheme.toUpperCase()] ?? 'leave it out'}`);
  if (broker.includes('@'))
    throw new AddressError('must be host:port; user and password belong in KAFKA_USERNAME and KAFKA_PASSWORD');
  if (/^\[|:.*:/.test(broker))
    throw new AddressError(
      'must be host:port; the Kafka client takes no IPv6 address here: give the broker a host name',
    );
  const port = Number(BROKER.exec(broker)?.[2]);
  if (!(port >= 1 && port <= 65_535))
    throw new AddressError('must be host:port with a port from 1 to 65535, several separated by commas');
}
