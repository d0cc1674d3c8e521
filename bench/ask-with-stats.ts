/** The cost of a query, as Prometheus itself counts it (`stats=all`). */
interface Cost {
  /** Number of series in the result. */
  readonly series: number;
  /** Number of samples that the query reads. A sample that two steps of a range query read counts twice. */
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

/** @throws Error if the query fails, or if it reads no sample, because the benchmark then lacks its input data */
export async function askWithStats(url: string, query: string, when: When): Promise<Cost> {
  const path = 'time' in when ? 'query' : 'query_range';
  const body = new URLSearchParams({ query, stats: 'all' });
  for (const [name, value] of Object.entries(when)) body.set(name, String(value));
  const answer = (await (await fetch(`${url}/api/v1/${path}`, { method: 'POST', body })).json()) as Answer;
  if (answer.status !== 'success') throw new Error(`Prometheus refused the query: ${answer.error}: ${query}`);
  const { samples, timings } = answer.data.stats;
  if (samples.totalQueryableSamples === 0 && !/^vector\(/.test(query))
    throw new Error(`the query reads no sample, so the history lacks its series: ${query}`);
  return {
    series: answer.data.result.length,
    samples: samples.totalQueryableSamples,
    seconds: timings.evalTotalTime,
  };
}
