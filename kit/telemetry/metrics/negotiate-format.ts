/** A text format of metrics that a scrape can ask for by its Accept header. */
export type ExpositionFormat = 'text' | 'openmetrics';

export const contentTypes: Readonly<Record<ExpositionFormat, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

const OPENMETRICS_VERSIONS = ['1.0.0', '0.0.1'];

/**
 * Returns the format that an Accept header prefers. Returns OpenMetrics, the format with exemplars, only if the header
 * names it. Wildcards and unknown types get Prometheus' text format.
 */
export function negotiateFormat(accept: string | undefined): ExpositionFormat {
  let best: { format: ExpositionFormat; quality: number } = { format: 'text', quality: 0 };
  for (const range of (accept ?? '').split(',').map(parseRange)) {
    const format = formatOf(range);
    if (format && range.quality > best.quality) best = { format, quality: range.quality };
  }
  return best.format;
}

interface MediaRange {
  readonly type: string;
  readonly version: string | undefined;
  readonly quality: number;
}

function parseRange(text: string): MediaRange {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim());
  const parameters = new Map(rest.map((part) => part.toLowerCase().split('=', 2) as [string, string]));
  const quality = Number(parameters.get('q') ?? 1);
  return { type: type.toLowerCase(), version: parameters.get('version'), quality: quality >= 0 ? quality : 0 };
}

function formatOf({ type, version }: MediaRange): ExpositionFormat | undefined {
  if (type === 'application/openmetrics-text') {
    return version === undefined || OPENMETRICS_VERSIONS.includes(version) ? 'openmetrics' : undefined;
  }
  return type === 'text/plain' || type === 'text/*' || type === '*/*' ? 'text' : undefined;
}
