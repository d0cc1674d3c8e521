/** Reads the text that /metrics answers, in Prometheus' or OpenMetrics' form. */

interface ScrapedSeries {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{((?:\w+="(?:[^"\\]|\\.)*",?)*)\})? (\S+)/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;
const ESCAPES: Readonly<Record<string, string>> = { '\\n': '\n', '\\"': '"', '\\\\': '\\' };

/** All series of a scrape. A histogram has one for each bucket, for its sum and for its count. */
export function readScrape(text: string): ScrapedSeries[] {
  return text.split('\n').flatMap((line) => (line.startsWith('#') ? [] : readLine(line)));
}

function readLine(line: string): ScrapedSeries[] {
  const [, name, pairs = '', value] = LINE.exec(line) ?? [];
  return name === undefined ? [] : [{ name, labels: readLabels(pairs), value: readValue(value ?? '') }];
}

function readLabels(pairs: string): Record<string, string> {
  const labels = [...pairs.matchAll(LABEL)].map(([, label, value = '']) => [
    label,
    value.replaceAll(/\\[n"\\]/g, (escaped) => ESCAPES[escaped] ?? escaped),
  ]);
  return Object.fromEntries(labels);
}

function readValue(value: string): number {
  return Number(value.replace('Inf', 'Infinity'));
}

/**
 * The sum of the series with this name and at least these labels; 0 if there is none.
 * @param series a name, or a name with labels: `up` or `up{job="backend"}`
 */
export function sumSeries(text: string, series: string, labels: Readonly<Record<string, string>> = {}): number {
  const { name, labels: own } = parseSeries(series);
  const wanted = Object.entries({ ...own, ...labels });
  return readScrape(text)
    .filter((one) => one.name === name && wanted.every(([label, value]) => one.labels[label] === value))
    .reduce((sum, { value }) => sum + value, 0);
}

/**
 * The value of one series; undefined if the scrape does not show it.
 * @param series as a scrape writes it, with all its labels: `up{job="backend"}`
 */
export function valueOfSeries(text: string, series: string): number | undefined {
  const { name, labels: wanted } = parseSeries(series);
  const found = readScrape(text).find(
    (one) =>
      one.name === name &&
      Object.keys(one.labels).length === Object.keys(wanted).length &&
      Object.entries(wanted).every(([label, value]) => one.labels[label] === value),
  );
  return found?.value;
}

function parseSeries(series: string): Pick<ScrapedSeries, 'name' | 'labels'> {
  const [name = '', pairs = ''] = series.split(/\{(.*)/s);
  return { name, labels: readLabels(pairs) };
}
