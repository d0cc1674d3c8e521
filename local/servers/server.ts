/** A process of the stack as data: what to start, and how to know that it is ready. Built purely; launch.ts starts it. */
export interface Server {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly owner?: Owner;
  /** Makes folders, configuration and a first data folder; safe to call again. */
  readonly prepare?: () => Promise<void> | void;
  /** Whether it does its work; a refusal or an error counts as "not yet". */
  readonly ready: () => Promise<boolean>;
  /** What asks it to end; SIGTERM when absent. */
  readonly stopSignal?: NodeJS.Signals;
  /** How long it may take over that. */
  readonly graceMs?: number;
}

/** Another user to run as: Postgres refuses to be root. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}
