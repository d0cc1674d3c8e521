import type { Server } from '../../servers/server.ts';
import type { PortName } from '../ports.ts';

/** One entry of the stack: a process to run, or a piece of work to do during `up`. */
export interface StackEntry {
  readonly name: string;
  /** Names of the entries that must be ready before this one starts. `down` stops these entries after this one. */
  readonly needs: readonly string[];
  readonly process?: ProcessEntry;
  /** Work without a process. Returns a short report of what it did; safe to repeat. */
  readonly work?: () => Promise<string>;
}

export interface ProcessEntry {
  /** All ports that the process listens on. Progress lines and `status` show the first. */
  readonly ports: readonly PortName[];
  /** A path on the first port that responds with 2xx once the process is ready. Without one, an open port counts as ready. */
  readonly health?: string;
  readonly readyMs: number;
  /** Gets the parts and builds the server to start. Throws NotAvailable for an optional part that cannot be provided. */
  readonly build: () => Promise<BuiltServer>;
}

interface BuiltServer {
  readonly server: Server;
  /** Version and source of a server that is not ours, for the progress line: `3.6.16 (go)`. */
  readonly version?: string;
}

/** Thrown if an optional part could not be provided. The message becomes the entry's progress line. */
export class NotAvailable extends Error {}

/**
 * How long `make up` waits for one entry. The limit is high, because laptops can be busy, and it only matters for a process
 * that hangs: an exit is noticed at once.
 */
export const READY_WITHIN_MS = 180_000;
