import type { Logger } from './log.ts';
import type { OpsServer, ReadinessCheck } from './ops-server.ts';

/** A client of a server. The client connects when it is first used, and again whenever the connection breaks. */
export interface Connection<Client> {
  readonly client: Client;
  /** Absent if the client cannot tell by itself: kafkajs knows only whether its consumers and producers are connected. */
  readonly check?: ReadinessCheck;
  close(): Promise<void> | void;
}

/** Opens one connection: postgresFrom, redisFrom and kafkaFrom return openers for a configuration. */
export type Opener<Context, Opened extends Connection<unknown>> = (context: Context) => Opened;

type Openers<Context> = Readonly<Record<string, Opener<Context, Connection<unknown>>>>;

export interface Connections<Opened extends Openers<never>> {
  readonly clients: { readonly [Name in keyof Opened]: ReturnType<Opened[Name]>['client'] };
  /** The readiness checks of those connections that have one. */
  readonly checks: {
    readonly [Name in keyof Opened as ReturnType<Opened[Name]> extends { check: ReadinessCheck }
      ? Name
      : never]: ReadinessCheck;
  };
  /** Closes the connections, the last one first. Close first what uses them, such as queues, consumers and publishers. */
  close(): Promise<void>;
}

export interface ConnectionContext {
  readonly log: Logger;
  /** If present, /readyz asks the checks under the names of the connections. */
  readonly ops?: OpsServer;
}

/**
 * Opens connections by name. Nothing waits for a server here: a server that is down makes its check fail.
 * @param openers by the name of the check on /readyz
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
