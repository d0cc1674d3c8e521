import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { parts } from '#local/parts/index.ts';
import { findFreePort } from '#local/servers/free-port.ts';
import { portOpen } from '#local/servers/probes.ts';
import { provisionForTests } from './provision-for-tests.ts';
import { startRunning } from './running.ts';
import { makeTestFolder, removeTestFolder } from './test-folder.ts';

export interface TestCollector {
  /** Value for OTEL_EXPORTER_OTLP_ENDPOINT: the URL that accepts OTLP over HTTP. */
  readonly endpoint: string;
  readonly received: Received;
  stop(): Promise<void>;
}

/** The telemetry that a collector has received, grouped by OpenTelemetry resource, in OTLP's JSON format. */
export interface Received {
  readonly resourceSpans: ResourceSignals<'spans'>[];
  readonly resourceMetrics: ResourceSignals<'metrics'>[];
  readonly resourceLogs: ResourceSignals<'logRecords'>[];
}

type ScopeKey = { spans: 'scopeSpans'; metrics: 'scopeMetrics'; logRecords: 'scopeLogs' };

type ResourceSignals<Kind extends keyof ScopeKey> = {
  readonly resource: { readonly attributes: readonly Attribute[] };
} & { readonly [Key in ScopeKey[Kind]]: readonly Record<Kind, readonly OtlpRecord[]>[] };

export interface OtlpRecord {
  readonly name?: string;
  readonly traceId?: string;
  readonly spanId?: string;
  readonly parentSpanId?: string;
  readonly severityText?: string;
  readonly body?: { readonly stringValue?: string };
  readonly attributes?: readonly Attribute[];
  readonly sum?: { readonly aggregationTemporality: 1 | 2 };
  readonly histogram?: { readonly aggregationTemporality: 1 | 2 };
  readonly exponentialHistogram?: object;
}

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: string };
}

export function attributesOf({ attributes = [] }: { readonly attributes?: readonly Attribute[] }) {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]));
}

/** Paths of the files that a collector needs for mutual TLS. */
interface CollectorTls {
  readonly cert_file: string;
  readonly key_file: string;
  /** Certificate of the CA. The collector accepts only clients whose certificate this CA has signed. */
  readonly client_ca_file: string;
}

/** Starts a real OpenTelemetry collector that receives OTLP and passes it on to the test as JSON. */
export async function startOtelCollector(tls?: CollectorTls): Promise<TestCollector> {
  const { files, environment } = await provisionForTests(parts.otelCollector);
  const folder = makeTestFolder('otel-collector');
  const received: Received = { resourceSpans: [], resourceMetrics: [], resourceLogs: [] };
  const sink = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const sent = JSON.parse(body) as Partial<Received>;
    for (const signal of Object.keys(received) as (keyof Received)[]) {
      (received[signal] as unknown[]).push(...(sent[signal] ?? []));
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
  const port = await findFreePort();
  const config = join(folder, 'config.yaml');
  writeFileSync(config, JSON.stringify(buildConfig(port, (sink.address() as AddressInfo).port, tls)));
  const server = {
    name: 'otel-collector',
    command: files.otelcol,
    args: ['--config', `file:${config}`],
    environment,
    ready: () => portOpen(port),
  };
  const running = await startRunning(server, folder);
  return {
    endpoint: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    received,
    stop: async () => {
      await running.stop({ kill: true });
      sink.close();
      sink.closeAllConnections();
      removeTestFolder(folder);
    },
  };
}

/** Builds the configuration of the collector. It is written as JSON, because every JSON document is YAML. */
function buildConfig(port: number, sinkPort: number, tls: CollectorTls | undefined): object {
  const pipeline = { receivers: ['otlp'], exporters: ['otlphttp'] };
  return {
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}`, ...(tls && { tls }) } } } },
    exporters: { otlphttp: { endpoint: `http://127.0.0.1:${sinkPort}`, encoding: 'json', compression: 'none' } },
    service: {
      pipelines: { traces: pipeline, metrics: pipeline, logs: pipeline },
      telemetry: { metrics: { level: 'none' } },
    },
  };
}
