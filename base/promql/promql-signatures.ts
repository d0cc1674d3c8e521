/**
 * The argument and result types of Prometheus' functions and aggregations. Prometheus' grammar does not check them.
 *
 * Experimental functions are missing on purpose: without a feature flag, Prometheus refuses the whole rule file if one
 * rule uses such a function.
 */
export type PromqlType = 'scalar' | 'vector' | 'matrix' | 'string';

export interface Signature {
  readonly takes: readonly PromqlType[];
  /**
   * Number of arguments at the end that may be left out. `more`: the last argument may be left out or repeated. Absent:
   * all arguments are required.
   */
  readonly optional?: number | 'more';
  readonly answers: PromqlType;
}

function signature(takes: readonly PromqlType[], answers: PromqlType, optional?: number | 'more'): Signature {
  return { takes, answers, ...(optional !== undefined && { optional }) };
}

function all(names: string, like: Signature): Record<string, Signature> {
  return Object.fromEntries(names.split(' ').map((name) => [name, like]));
}

export const functions: Readonly<Record<string, Signature>> = {
  ...all('abs ceil floor exp ln log2 log10 sqrt sgn deg rad', signature(['vector'], 'vector')),
  ...all('acos acosh asin asinh atan atanh cos cosh sin sinh tan tanh', signature(['vector'], 'vector')),
  ...all('absent sort sort_desc timestamp', signature(['vector'], 'vector')),
  ...all(
    'histogram_avg histogram_count histogram_sum histogram_stddev histogram_stdvar',
    signature(['vector'], 'vector'),
  ),
  ...all('rate irate increase delta idelta deriv changes resets absent_over_time', signature(['matrix'], 'vector')),
  ...all('avg_over_time min_over_time max_over_time sum_over_time count_over_time', signature(['matrix'], 'vector')),
  ...all('last_over_time present_over_time stddev_over_time stdvar_over_time', signature(['matrix'], 'vector')),
  ...all(
    'day_of_month day_of_week day_of_year days_in_month hour minute month year',
    signature(['vector'], 'vector', 1),
  ),
  clamp: signature(['vector', 'scalar', 'scalar'], 'vector'),
  ...all('clamp_min clamp_max', signature(['vector', 'scalar'], 'vector')),
  histogram_quantile: signature(['scalar', 'vector'], 'vector'),
  histogram_fraction: signature(['scalar', 'scalar', 'vector'], 'vector'),
  label_replace: signature(['vector', 'string', 'string', 'string', 'string'], 'vector'),
  label_join: signature(['vector', 'string', 'string', 'string'], 'vector', 'more'),
  predict_linear: signature(['matrix', 'scalar'], 'vector'),
  quantile_over_time: signature(['scalar', 'matrix'], 'vector'),
  round: signature(['vector', 'scalar'], 'vector', 1),
  scalar: signature(['vector'], 'scalar'),
  vector: signature(['scalar'], 'vector'),
  ...all('time pi', signature([], 'scalar')),
};

export const aggregations: Readonly<Record<string, Signature>> = {
  ...all('sum avg count min max group stddev stdvar', signature(['vector'], 'vector')),
  ...all('topk bottomk quantile', signature(['scalar', 'vector'], 'vector')),
  count_values: signature(['string', 'vector'], 'vector'),
};
