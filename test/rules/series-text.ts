type Labels = Readonly<Record<string, string>>;

/** Writes a series in promtool's notation. */
export function seriesText(metric: string, labels: Labels): string {
  return `${metric}{${Object.entries(labels).map(([name, value]) => `${name}="${value}"`).join(',')}}`; // biome-ignore format: one line
}

/** Writes a recorded series of an objective of the TradingPipeline under test. */
export function recordedOf(name: string, objective: string, more: Labels = {}): string {
  return seriesText(`objective:${name}`, { namespace: 'desk', tradingpipeline: 'tp', objective, ...more });
}

export function burning(window: string, objective = 'pipeline-success'): string {
  return recordedOf('burn_rate:ratio', objective, { window });
}

/** Writes a series of a service, with the labels that the generated ServiceMonitors set. */
export function of(service: string, metric: string, labels: Labels = {}, instance = `${service}:8001`): string {
  return seriesText(metric, { ...labels, job: service, service, namespace: 'desk', instance });
}
