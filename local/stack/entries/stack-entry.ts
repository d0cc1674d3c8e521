import type { Server } from '../../servers/server.ts';
import type { PortName } from '../ports.ts';

/** One entry of the stack: a process to run, or a piece of work to do during `up`. */
export interface StackEntry {
  readonly name: string;
  /**
   * Names of the entries that must be ready before this entry starts. `down` stops this entry first, and then the
   * entries that it needs.
   */
  readonly needs: readonly string[];
  readonly process?: ProcessEntry;
  /** Work to do instead of running a process. Returns a short report of what was done; safe to repeat. */
  readonly work?: () => Promise<string>;
}

export interface ProcessEntry {
  /** Names of all ports that the process listens on; etcd has none. Progress lines and `status` show the first port. */
  readonly ports: readonly PortName[];
  /**
   * A path on the first port that responds with 2xx once the process is ready. If absent, the process is ready once the
   * port is open.
   */
  readonly health?: string;
  readonly readyMs: number;
  /** Gets the parts and builds the server to start. Throws NotAvailable for an optional part that cannot be provided. */
  readonly build: () => Promise<BuiltServer>;
}

interface BuiltServer {
  readonly server: Server;
  /** A remark for the progress line, such as the version and source of a third-party server: `3.6.16 (go)`. */
  readonly version?: string;
}

/** Thrown if an optional part could not be provided. The message becomes the entry's progress line. */
export class NotAvailable extends Error {}

/**
 * How long `make up` waits for one entry. The limit is high, because laptops can be busy, and it only matters for a process
 * that hangs: an exit is noticed at once.
 */
export const READY_WITHIN_MS = 180_000;
