import { expect, it } from 'vitest';
import { mergeFlags } from './prometheus.ts';

it("keeps the operator's flags, except those with paths of its container", () => {
  const operatorFlags = [
    '--config.file=/etc/prometheus/config_out/prometheus.env.yaml',
    '--web.config.file=/etc/prometheus/web_config/web-config.yaml',
    '--web.console.templates=/etc/prometheus/consoles',
    '--web.enable-lifecycle',
    '--storage.tsdb.path=/prometheus',
    '--storage.tsdb.retention.time=30d',
  ];
  expect(
    mergeFlags(operatorFlags, { 'config.file': '/state/prometheus.yaml', 'storage.tsdb.path': '/state/data' }),
  ).toEqual([
    '--web.enable-lifecycle',
    '--storage.tsdb.retention.time=30d',
    '--config.file=/state/prometheus.yaml',
    '--storage.tsdb.path=/state/data',
  ]);
});
