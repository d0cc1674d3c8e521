import { describe, expect, it } from 'vitest';
import { negotiateFormat } from './negotiate-format.ts';

const PROMETHEUS_2 =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
const PROMETHEUS_3 =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,/;q=0.1';

describe('negotiateFormat', () => {
  it.each([
    ['Prometheus 2', PROMETHEUS_2, 'openmetrics'],
    ['Prometheus 3', PROMETHEUS_3, 'openmetrics'],
    [
      'Prometheus with native histograms',
      `application/vnd.google.protobuf;encoding=delimited,${PROMETHEUS_2}`,
      'openmetrics',
    ],
    ['a client that says nothing', undefined, 'text'],
    ['a browser', 'text/html,application/xhtml+xml,*/*;q=0.8', 'text'],
    ['curl', '*/*', 'text'],
    ['one that likes the text better', 'text/plain, application/openmetrics-text;q=0.9', 'text'],
    ['one that refuses OpenMetrics', 'application/openmetrics-text;q=0, */*;q=0.1', 'text'],
    ['a version that is not there', 'application/openmetrics-text; version=2.0.0', 'text'],
    ['other letters and spaces', ' Application/OpenMetrics-Text ; Version=1.0.0 ; Q=1', 'openmetrics'],
    ['what is no header', ';;,q=x', 'text'],
  ])('answers %s in the right format', (_, accept, format) => {
    expect(negotiateFormat(accept)).toBe(format);
  });
});
