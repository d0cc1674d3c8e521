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
  /** Stops Prometheus and keeps its data. */
  halt(): Promise<void>;
  /** Replaces the configuration and the rules, and reloads Prometheus if it runs. The files are JSON, which is YAML. */
  configure(config: PrometheusConfig): Promise<void>;
  /** Stops Prometheus and removes its data. */
  stop(): Promise<void>;
}

interface PrometheusConfig {
  readonly scrapeConfigs: readonly object[];
  readonly ruleGroups: readonly object[];
  readonly remoteWrite?: readonly object[];
}

/** Returns the Prometheus of the platform, or the program that PROMETHEUS_PROGRAM names. */
export async function findPrometheus(): Promise<{
  files: { prometheus: string };
  workingFolder?: string;
}> {
  const prometheus = process.env.PROMETHEUS_PROGRAM;
  return prometheus ? { files: { prometheus } } : provisionForTests(parts.prometheus);
}

/** Prepares a real Prometheus that scrapes targets and evaluates rules every second. Call `start` to run it. */
export async function preparePrometheus(flags: readonly string[] = []): Promise<TestPrometheus> {
  const part = await findPrometheus();
  const folder = makeTestFolder('prometheus');
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const configFile = join(folder, 'prometheus.yaml');
  let running: Running | undefined;
  const write = ({ scrapeConfigs, ruleGroups, remoteWrite = [] }: PrometheusConfig) => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'rules.yaml'), JSON.stringify({ groups: ruleGroups }));
    const config = {
      global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
      rule_files: [join(folder, 'rules.yaml')],
      scrape_configs: scrapeConfigs,
      remote_write: remoteWrite,
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
