import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkPromql } from '#base/promql/check-promql.ts';
import { checkTemplate } from '#controller/compile/alerts/check-template.ts';
import { compileGroups } from './objective-rules.ts';
import { openPromtool, type Promtool } from './promtool.ts';

/**
 * Prometheus must accept every expression that our checks accept, because it refuses a whole PrometheusRule for one wrong rule. It should
 * also refuse every expression that our checks refuse, except syntax that needs a feature flag or a newer version.
 */
const good = [
  'up == 0',
  'sum by (job) (rate(foo_total{a=~"b|c",d!="",e!~"f.*"}[5m] offset 1h)) > 1',
  'histogram_quantile(0.9, sum(rate(x_bucket[5m])) by (le)) > 1e3',
  'a / on (x) group_left (y) b',
  'a * ignoring (x) b',
  'a and on () b or c unless d',
  'max_over_time(rate(a[1m])[5m:1m]) > bool 2',
  'max_over_time(a[5m:])',
  'count_values("v", b) > 1',
  'label_join(a, "b", ",", "c", "d")',
  'label_join(a, "b", ",")',
  'label_replace(up, "a", "$1", "b", "(.*)")',
  'round(a, 0.1) + round(a)',
  'hour() > 8 and hour(vector(time())) < 17',
  'absent(up{job="x"} == 1)',
  '{__name__=~"up|down",job=~".+"}',
  '-a ^ 2 ^ -1',
  'scalar(a) + 1 > bool 2',
  'a @ 123 offset 5m',
  'rate(a[5m] @ end())',
  'topk(3, a) > 0',
  "a{b='it\\'s',c=`raw\\d`,d=\"\\\\d+\\\\.\"}",
  'a{b=~"(?i)x",c=~"[[:alpha:]]+",d=~"\\\\pL(?P<n>y)"}',
  'vector(1) # why',
  '1',
  'sum(a) without (b)',
  'clamp(a, 0, 1) atan2 b',
  'Inf',
  'sum:rate5m:x{a="b"} != NaN',
];

const bad = [
  'sum(',
  'foo +',
  'rate(foo)',
  'sum(5)',
  'foo[5m]',
  '"text"',
  '{}',
  '{a=~".*"}',
  '{a=""}',
  'foo{a=~"("}',
  'foo{a=~"(?=b)"}',
  'foo{a=~"\\\\1"}',
  'foo{__name__="bar"}',
  'nonsense(foo)',
  'rate(foo[5m], 1)',
  'histogram_quantile(foo[5m], 1)',
  'foo and 1',
  '1 > 2',
  'foo + bool bar',
  'sum(foo) offset 5m',
  'foo[0s]',
  'foo[5m][5m]',
  'foo[5m:1m][5m:1m]',
  'foo + on (a) 1',
  'foo and on (a) group_left bar',
  'a / on (x) group_left (x) b',
  'clamp(a, 1)',
  'absent()',
  'label_replace(up, "a")',
  'topk(a, 3)',
  'count_values(1, a)',
  '-"a"',
  'foo{a="\\d"}',
  'foo == == bar',
  ')',
  'foo bar',
  'foo offset 5m offset 5m',
  'rate(sum(a)[5m])',
];

/**
 * Expressions that our checks refuse although some versions of Prometheus accept them: experimental syntax, or syntax of very new versions.
 */
const tooNew = [
  'info(a)',
  'limitk(2, a)',
  '{"foo.bar"}',
  'foo anchored',
  'mad_over_time(a[5m])',
  'foo[5m+1m]',
  'sort_by_label(a, "b")',
];

const goodTemplates = [
  'plain',
  '{{ $value }} of {{ $labels.job }}',
  '{{ $value | humanizePercentage }}',
  '{{- if $labels.topic -}} a {{- else if gt $value 2.0 }} b {{ else }} c {{ end }}',
  '{{ range query "up" }}{{ .Labels.job }}{{ end }}',
  '{{ with query "up" }}{{ . | first | value | humanize }}{{ end }}',
  '{{ $x := 1 }}{{ $x }}',
  '{{ range $i, $e := query "up" }}{{ $i }}{{ end }}',
  '{{ printf "%.2f" $value }} }}',
  '{{ (query "up" | first).Value }}',
  '{{/* said to nobody */}}',
  '{{ "}}" }}',
  '{{ $externalURL }} {{ $externalLabels.cluster }}',
  '{{ index $labels "a-b" }}',
  '{{ title (toLower "X") }}',
];

const badTemplates = [
  '{{ $value',
  '{{ value }',
  '{{ end }}',
  '{{ if $value }}',
  '{{ else }}',
  '{{ nonsense $value }}',
  '{{ $value | nonsense }}',
  '{{ $undefined }}',
  '{{ }}',
  '{{ | humanize }}',
  '{{ (query "up" }}',
  '{{ "open }}',
  '{{ range }}{{ end }}',
  '{{ $value ; }}',
  '{{ if }}{{ end }}',
  '{{ $value | 1 }}',
  '{{ if $value }}a{{ else }}b{{ else }}c{{ end }}',
  '{{ if $x := 1 }}{{ end }}{{ $x }}',
  '{{ $value.}}',
  '{{ printf"a" }}',
];

describe('the checks of expressions and templates of users, compared with promtool', () => {
  let promtool: Promtool;
  beforeAll(async () => {
    promtool = await openPromtool('custom-rules');
  });
  afterAll(() => promtool.remove());

  /** Returns the texts that promtool refuses. Each text gets its own file; one run of promtool checks all files. */
  async function refused(texts: readonly string[], rule: (text: string) => object): Promise<string[]> {
    const names = texts.map((_text, index) => `rule-${index}.yaml`);
    const files = Object.fromEntries(
      texts.map((text, index) => [names[index], { groups: [{ name: 'g', rules: [rule(text)] }] }]),
    );
    const { output } = await promtool.run(['check', 'rules', '--lint=none', ...names], files);
    expect(output.match(/^Checking /gm)).toHaveLength(texts.length);
    const wrong = new Set([...output.matchAll(/^\s*(rule-\d+\.yaml): /gm)].map(([, name]) => name));
    return texts.filter((_text, index) => wrong.has(names[index]));
  }
  const expressions = (texts: readonly string[]) => refused(texts, (expr) => ({ alert: 'A', expr }));
  const templates = (texts: readonly string[]) =>
    refused(texts, (summary) => ({ alert: 'A', expr: 'up', annotations: { summary } }));

  it('agree on good expressions', async () => {
    expect(good.map((expr) => [expr, checkPromql(expr)]).filter(([, wrong]) => wrong)).toEqual([]);
    expect(await expressions(good)).toEqual([]);
  });

  it('agree on bad expressions', async () => {
    expect(bad.filter((expr) => checkPromql(expr) === undefined)).toEqual([]);
    // Ranges and strings parse, but Prometheus fails each time it evaluates them.
    const onlyEvaluated = ['foo[5m]', '"text"'];
    expect(await expressions(bad)).toEqual(bad.filter((expr) => !onlyEvaluated.includes(expr)));
  });

  it('refuse syntax that needs a feature flag or a newer version', () => {
    expect(tooNew.filter((expr) => checkPromql(expr) === undefined)).toEqual([]);
  });

  it('agree on good templates', async () => {
    expect(goodTemplates.map((text) => [text, checkTemplate(text)]).filter(([, wrong]) => wrong)).toEqual([]);
    expect(await templates(goodTemplates)).toEqual([]);
  });

  it('keep the namespace of each series, so that series of two namespaces are two alerts', async () => {
    const custom = [{ alert: 'NotReady', expr: 'kube_pod_status_ready{condition="true"} == 0' }];
    const groups = compileGroups('tp', { alerts: { rules: {}, custom } });
    const notReady = (namespace: string) => `kube_pod_status_ready{condition="true",pod="p"${namespace}}`;
    const alertOf = (namespace: string) => ({
      exp_labels: {
        ...{ condition: 'true', pod: 'p', severity: 'warning', namespace },
        ...{ tradingpipeline: 'tp', tradingpipeline_namespace: 'desk' },
      },
    });
    const tests = [
      {
        interval: '1m',
        input_series: [
          { series: notReady(',namespace="prod"'), values: '0x5' },
          { series: notReady(',namespace="test"'), values: '0x5' },
          { series: notReady(''), values: '0x5' },
        ],
        alert_rule_test: [
          { eval_time: '2m', alertname: 'NotReady', exp_alerts: ['prod', 'test', 'desk'].map(alertOf) },
        ],
      },
    ];
    const { ok, output } = await promtool.run(['test', 'rules', 'test.yaml'], {
      'rules.yaml': { groups },
      'test.yaml': { rule_files: ['rules.yaml'], evaluation_interval: '1m', tests },
    });
    expect(ok, output).toBe(true);
  });

  it('agree on bad templates', async () => {
    expect(badTemplates.filter((text) => checkTemplate(text) === undefined)).toEqual([]);
    expect(await templates(badTemplates)).toEqual(badTemplates);
  });

  it('accept no expression that Prometheus refuses, among expressions put together at random', async () => {
    const pieces = [...good, ...bad].flatMap((expr) => expr.match(/\w+|"[^"]*"|\s+|[^\w\s"]/g) ?? []);
    const cut = fc.tuple(
      fc.constantFrom(...good),
      fc.nat(40),
      fc.nat(3),
      fc.array(fc.constantFrom(...pieces), { maxLength: 3 }),
    );
    const mutants = fc.sample(cut, { numRuns: 5_000, seed: 20_260 }).map(([expr, at, drop, insert]) => {
      const tokens = expr.match(/\w+|"[^"]*"|\s+|[^\w\s"]/g) ?? [];
      return [...tokens.slice(0, at), ...insert, ...tokens.slice(at + drop)].join('');
    });
    const passed = [...new Set(mutants)].filter((expr) => expr.trim() !== '' && checkPromql(expr) === undefined);
    expect(passed.length).toBeGreaterThan(100);
    expect(await expressions(passed)).toEqual([]);
  });

  it('accept no template that Prometheus refuses, among templates put together at random', async () => {
    const split = (text: string) => text.match(/\{\{-?|-?\}\}|\w+|"[^"]*"|\s+|[^\w\s"]/g) ?? [];
    const pieces = [...goodTemplates, ...badTemplates].flatMap(split);
    const cut = fc.tuple(
      fc.constantFrom(...goodTemplates),
      fc.nat(20),
      fc.nat(3),
      fc.array(fc.constantFrom(...pieces), { maxLength: 2 }),
    );
    const mutants = fc.sample(cut, { numRuns: 5_000, seed: 20_260 }).map(([text, at, drop, insert]) => {
      const tokens = split(text);
      return [...tokens.slice(0, at), ...insert, ...tokens.slice(at + drop)].join('');
    });
    const passed = [...new Set(mutants)].filter((text) => text !== '' && checkTemplate(text) === undefined);
    expect(passed.length).toBeGreaterThan(100);
    expect(await templates(passed)).toEqual([]);
  });
});
