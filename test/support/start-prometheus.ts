import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parts } from '#local/parts/index.ts';
import { findFreePort } from '#local/servers/free-port.ts';
import { buildPrometheusServer } from '#local/servers/prometheus.ts';
import { provisionForTests } from './provision-for-tests.ts';
import { type Running, startRunning } from './running.ts';
import { makeTestFolder, removeTestFolder } from './test-folder.ts';

export interface TestPrometheus {
  readonly url: string;
  start(): Promise<void>;
  /** Ends it and keeps its data. */
  halt(): Promise<void>;
  /** Writes another configuration and rules, and has a running Prometheus reload. JSON is YAML. */
  configure(config: PrometheusConfig): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

interface PrometheusConfig {
  readonly scrapeConfigs: readonly object[];
  readonly ruleGroups: readonly object[];
}

/** Prepares a real Prometheus that scrapes and evaluates rules every second; `start` starts it. */
export async function preparePrometheus(flags: readonly string[] = []): Promise<TestPrometheus> {
  const part = await provisionForTests(parts.prometheus);
  const folder = makeTestFolder('prometheus');
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const configFile = join(folder, 'prometheus.yaml');
  let running: Running | undefined;
  const write = ({ scrapeConfigs, ruleGroups }: PrometheusConfig) => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'rules.yaml'), JSON.stringify({ groups: ruleGroups }));
    const config = {
      global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
      rule_files: [join(folder, 'rules.yaml')],
      scrape_configs: scrapeConfigs,
    };
    writeFileSync(configFile, JSON.stringify(config));
  };
  write({ scrapeConfigs: [], ruleGroups: [] });
  const server = buildPrometheusServer({
    program: part.files.prometheus,
    workingFolder: part.workingFolder,
    configFile,
    folder: join(folder, 'data'),
    port,
    operatorFlags: ['--web.enable-lifecycle', ...flags],
  });
  const halt = async () => {
    await running?.stop({ kill: true });
    running = undefined;
  };
  return {
    url,
    start: async () => {
      running = await startRunning(server, folder);
    },
    halt,
    configure: async (config) => {
      write(config);
      if (!running) return;
      const response = await fetch(`${url}/-/reload`, { method: 'POST' });
      if (!response.ok) throw new Error(`Prometheus refused its configuration: ${await response.text()}`);
    },
    stop: async () => {
      await halt();
      removeTestFolder(folder);
    },
  };
}
