/**
 * Loaded into a measured service by `node --import`. For each message from the parent process, this module switches telemetry
 * off or on and sends back the CPU time since the previous switch. While telemetry is off, instruments and tracer do nothing.
 */
import { ProxyTracerProvider, trace } from '@opentelemetry/api';
import { CounterCells, GaugeCells, HistogramCells, ObservedGauge } from '#kit/telemetry/metrics/metric-cells.ts';

/** What the process used since telemetry was last switched on or off: CPU time in ms, and wall time in seconds. */
export interface Slice {
  readonly cpuMs: number;
  readonly seconds: number;
}

let on = true;
let began = performance.now();
let before = process.cpuUsage();

process.on('message', (next: boolean) => {
  const { user, system } = process.cpuUsage(before);
  const slice: Slice = { cpuMs: (user + system) / 1_000, seconds: (performance.now() - began) / 1_000 };
  on = next;
  began = performance.now();
  before = process.cpuUsage();
  process.send?.(slice);
});
process.channel?.unref();

type Method = (this: unknown, first: never, second: never) => unknown;

/** Replaces a method by one that does nothing and returns `idle` while telemetry is off. */
function interrupt(prototype: object, name: string, idle: unknown): void {
  const methods = prototype as Record<string, Method>;
  const real = methods[name] as Method;
  methods[name] = function (first, second) {
    return on ? real.call(this, first, second) : idle;
  };
}

for (const { prototype } of [CounterCells, GaugeCells]) interrupt(prototype, 'add', undefined);
interrupt(GaugeCells.prototype, 'set', undefined);
interrupt(HistogramCells.prototype, 'record', undefined);
for (const { prototype } of [CounterCells, GaugeCells, HistogramCells, ObservedGauge]) interrupt(prototype, 'read', []);

const findSeries = HistogramCells.prototype.series;
HistogramCells.prototype.series = function (labels) {
  const series = findSeries.call(this, labels);
  interrupt(series, 'record', undefined);
  return series;
};

const idleTracer = new ProxyTracerProvider().getTracer('idle');
const getTracer = trace.getTracer.bind(trace);
trace.getTracer = (name, version) => (on ? getTracer(name, version) : idleTracer);
