import { httpAnswers } from './probes.ts';
import type { Server } from './server.ts';

interface NodeProcessOptions {
  readonly name: string;
  /** Path of the entry file, relative to the repository. */
  readonly main: string;
  readonly repository: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly prepare?: () => void;
  readonly ready: () => Promise<boolean>;
}

/** Builds a server from one of the platform's own processes, run from source by the same Node that runs this program. */
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
    // Slightly more than the default SHUTDOWN_TIMEOUT_MS of the processes
    graceMs: 27_000,
  };
}

/** Returns a readiness check that requests /readyz on this port, the metrics port of a process. */
export function readyOn(port: number): () => Promise<boolean> {
  return () => httpAnswers(`http://127.0.0.1:${port}/readyz`);
}
