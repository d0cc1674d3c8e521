import { type ExportSignal, exportSignals } from './variables.ts';

const STANDARD = 'http://localhost:4318';

/**
 * Returns the URL to which each kind of telemetry is sent, for the log: without user, password and query, which may
 * contain a key. Pure.
 */
export function findOtlpEndpoints(
  env: Readonly<NodeJS.ProcessEnv>,
  sent: Readonly<Record<ExportSignal, boolean>>,
): Record<string, string> {
  const asked = exportSignals.filter((signal) => sent[signal]);
  return Object.fromEntries(asked.map((signal) => [signal.toLowerCase(), describe(env, signal)]));
}

function describe(env: Readonly<NodeJS.ProcessEnv>, signal: ExportSignal): string {
  const own = env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`]?.trim();
  const common = env.OTEL_EXPORTER_OTLP_ENDPOINT?.trim() || STANDARD;
  const { origin, pathname } = new URL(own || common);
  return own ? `${origin}${pathname}` : `${origin}${pathname.replace(/\/$/, '')}/v1/${signal.toLowerCase()}`;
}
