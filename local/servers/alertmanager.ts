import { mkdirSync } from 'node:fs';
import { httpAnswers } from './probes.ts';
import type { Server } from './server.ts';

interface AlertmanagerOptions {
  readonly program: string;
  readonly workingFolder?: string;
  readonly configFile: string;
  readonly folder: string;
  readonly port: number;
}

export function buildAlertmanager(options: AlertmanagerOptions): Server {
  return {
    name: 'alertmanager',
    command: options.program,
    cwd: options.workingFolder,
    args: [
      `--config.file=${options.configFile}`,
      `--storage.path=${options.folder}`,
      `--web.listen-address=127.0.0.1:${options.port}`,
      `--web.external-url=http://127.0.0.1:${options.port}/`,
      // A single instance needs no gossip port
      '--cluster.listen-address=',
    ],
    prepare: () => {
      mkdirSync(options.folder, { recursive: true });
    },
    ready: () => httpAnswers(`http://127.0.0.1:${options.port}/-/ready`),
  };
}
