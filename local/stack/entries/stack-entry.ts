import type { Server } from '../../servers/server.ts';
import type { PortName } from '../ports.ts';

/** One line of the stack: a process to run, or a piece of work to do on the way up. */
export interface StackEntry {
  readonly name: string;
  /** Entries that must be ready before. They end after it. */
  readonly needs: readonly string[];
  readonly process?: ProcessEntry;
  /** Work without a process. Answers what it did, in a few words; safe to do again. */
  readonly work?: () => Promise<string>;
}

export interface ProcessEntry {
  /** All ports it listens on; the first is shown. */
  readonly ports: readonly PortName[];
  /** A path that answers 2xx when it is ready; a port that takes connections is enough where there is none. */
  readonly health?: string;
  readonly readyMs: number;
  /** Gets the parts it needs and says what to start; throws NotAvailable where the stack can do without it. */
  readonly build: () => Promise<BuiltServer>;
}

export interface BuiltServer {
  readonly server: Server;
  /** `3.6.16, Go build`; for processes that are not ours. */
  readonly version?: string;
}

/** An optional part that is not to be had; the message is the one line that says so. */
export class NotAvailable extends Error {}

/**
 * How long `make up` waits for one thing to be ready. A busy laptop takes its time, and what has died is noticed at once:
 * this is only for what hangs.
 */
export const READY_WITHIN_MS = 180_000;
