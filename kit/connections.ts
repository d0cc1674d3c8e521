import type { Log } from '#base/log.ts';
import type { OpsServer, ReadinessCheck } from './ops-server.ts';

/** A client of a server. The client connects when it is first used, and reconnects whenever the connection breaks. */
interface Connection<Client> {
  readonly client: Client;
  /**
   * Readiness check. Absent if the client does not know whether it is connected. The kafkajs client does not know: only
   * its consumers and producers do.
   */
  readonly check?: ReadinessCheck;
  close(): Promise<void> | void;
}

/** Opens one connection. postgresFrom, redisFrom and kafkaFrom take a configuration and return an opener. */
type Opener<Context, Opened extends Connection<unknown>> = (context: Context) => Opened;

type Openers<Context> = Readonly<Record<string, Opener<Context, Connection<unknown>>>>;

interface Connections<Opened extends Openers<never>> {
  readonly clients: { readonly [Name in keyof Opened]: ReturnType<Opened[Name]>['client'] };
  /** The readiness checks, keyed by the name of the connection. Connections without a check are left out. */
  readonly checks: {
    readonly [Name in keyof Opened as ReturnType<Opened[Name]> extends { check: ReadinessCheck }
      ? Name
      : never]: ReadinessCheck;
  };
  /**
   * Closes the connections in reverse order of opening. Before calling this, close the queues, consumers and publishers
   * that use the connections.
   */
  close(): Promise<void>;
}

interface ConnectionContext {
  readonly log: Log;
  /** If present, openConnections adds each connection's check to /readyz, under the name of the connection. */
  readonly ops?: OpsServer;
}

/**
 * Opens connections without waiting for the servers. While a server is down, the check of its connection fails.
 * @param openers one opener for each connection. The key is the name of its client and of its check on /readyz
 */
export function openConnections<Context extends ConnectionContext, Opened extends Openers<Context>>(
  openers: Opened,
  context: Context,
): Connections<Opened> {
  const opened = Object.entries(openers).map(([name, open]) => ({ name, ...open(context) }));
  const checked = opened.filter(({ check }) => check !== undefined);
  for (const { name, check } of checked) context.ops?.addCheck(name, check as ReadinessCheck);
  const connections = {
    clients: Object.fromEntries(opened.map(({ name, client }) => [name, client])),
    checks: Object.fromEntries(checked.map(({ name, check }) => [name, check])),
    async close() {
      for (const connection of opened.toReversed()) await connection.close();
    },
  };
  return connections as Connections<Opened>;
}
