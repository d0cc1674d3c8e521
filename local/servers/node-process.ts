import { httpAnswers } from './probes.ts';
import type { Server } from './server.ts';

export interface NodeProcessOptions {
  readonly name: string;
  /** Relative to the repository. */
  readonly main: string;
  readonly repository: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly prepare?: () => void;
  readonly ready: () => Promise<boolean>;
}

/** A process of ours, run from its source by the Node that runs this. */
export function buildNodeProcess(options: NodeProcessOptions): Server {
  const { name, main, repository, environment, prepare, ready } = options;
  return {
    name,
    command: process.execPath,
    args: [main],
    cwd: repository,
    environment,
    prepare,
    ready,
    // a little more than the processes' own SHUTDOWN_TIMEOUT_MS
    graceMs: 27_000,
  };
}

/** /readyz of the port that serves the metrics. */
export function readyOn(port: number): () => Promise<boolean> {
  return () => httpAnswers(`http://127.0.0.1:${port}/readyz`);
}
