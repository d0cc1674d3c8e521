/** What a real Prometheus says of a query: its answer, and what it cost by its own count. */
export interface Cost {
  /** Series it answered with. */
  readonly series: number;
  /** Samples it touched: a sample that two steps of a range read counts twice. */
  readonly samples: number;
  readonly seconds: number;
}

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data: {
    readonly result: readonly unknown[];
    readonly stats: {
      readonly timings: { readonly evalTotalTime: number };
      readonly samples: { readonly totalQueryableSamples: number };
    };
  };
}

export type When = { readonly time: number } | { readonly start: number; readonly end: number; readonly step: number };

/** Throws when it fails, and when it touches nothing: then the benchmark has forgotten its input. */
export async function askWithStats(url: string, query: string, when: When): Promise<Cost> {
  const path = 'time' in when ? 'query' : 'query_range';
  const body = new URLSearchParams({ query, stats: 'all' });
  for (const [name, value] of Object.entries(when)) body.set(name, String(value));
  const answer = (await (await fetch(`${url}/api/v1/${path}`, { method: 'POST', body })).json()) as Answer;
  if (answer.status !== 'success') throw new Error(`${answer.error}: ${query}`);
  const { samples, timings } = answer.data.stats;
  if (samples.totalQueryableSamples === 0 && !/^vector\(/.test(query))
    throw new Error(`it touches no sample: ${query}`);
  return {
    series: answer.data.result.length,
    samples: samples.totalQueryableSamples,
    seconds: timings.evalTotalTime,
  };
}
