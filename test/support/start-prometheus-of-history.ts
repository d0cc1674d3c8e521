import { execFile } from 'node:child_process';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parts } from '#local/parts/index.ts';
import { findFreePort } from '#local/servers/free-port.ts';
import { buildPrometheusServer } from '#local/servers/prometheus.ts';
import { provisionForTests } from './provision-for-tests.ts';
import { startRunning } from './running.ts';
import { makeTestFolder, removeTestFolder } from './test-folder.ts';

export interface PrometheusOfHistory {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts a real Prometheus that has these samples and scrapes nothing. @param history the samples as OpenMetrics text
 * with timestamps; a long text may be split into several strings
 */
export async function startPrometheusOfHistory(history: string | Iterable<string>): Promise<PrometheusOfHistory> {
  const part = await provisionForTests(parts.prometheus);
  const root = makeTestFolder('prometheus-history');
  const [folder, file, configFile] = [join(root, 'data'), join(root, 'history.txt'), join(root, 'prometheus.yaml')];
  mkdirSync(folder);
  for (const piece of typeof history === 'string' ? [history] : history) appendFileSync(file, piece);
  writeFileSync(configFile, '{}');
  await promisify(execFile)(part.files.promtool, ['tsdb', 'create-blocks-from', 'openmetrics', file, folder]);
  const port = await findFreePort();
  const server = buildPrometheusServer({
    program: part.files.prometheus,
    workingFolder: part.workingFolder,
    configFile,
    folder,
    port,
    operatorFlags: ['--storage.tsdb.retention.time=10y'],
  });
  const running = await startRunning(server, root);
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      await running.stop({ kill: true });
      removeTestFolder(root);
    },
  };
}
