/** Describes a process of the stack: the command to start, and how to tell that it is ready. launch.ts starts it. */
export interface Server {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly owner?: Owner;
  /** Creates folders, configuration and initial data before the start. Safe to repeat. */
  readonly prepare?: () => Promise<void> | void;
  /** Whether the server is ready. A refused connection or an error counts as "not yet". */
  readonly ready: () => Promise<boolean>;
  /** The signal that asks the process to stop. Default: SIGTERM. */
  readonly stopSignal?: NodeJS.Signals;
  /** Milliseconds that the process may take to stop before it is killed. Default: 10,000. */
  readonly graceMs?: number;
}

/** The user to run the process as, because Postgres refuses to run as root. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}
