type Labels = Readonly<Record<string, string>>;

/** A series as promtool reads it. */
export function seriesText(metric: string, labels: Labels): string {
  return `${metric}{${Object.entries(labels).map(([name, value]) => `${name}="${value}"`).join(',')}}`; // biome-ignore format: one line
}

/** A series of a service, as the generated ServiceMonitors label it. */
export function of(service: string, metric: string, labels: Labels = {}, instance = `${service}:8001`): string {
  return seriesText(metric, { ...labels, job: service, service, namespace: 'desk', instance });
}
