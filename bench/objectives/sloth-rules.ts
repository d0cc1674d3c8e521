/** What Sloth makes of the same objectives: its own output, by its own binary. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { objectives } from '#catalogue/objectives.ts';
import { EVALUATION_SECONDS, pipelineIdOf, type Recording, type RuleSet } from './rule-set.ts';

interface SlothRule {
  readonly record?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
}
interface SlothFile {
  readonly groups: readonly { readonly rules: readonly SlothRule[] }[];
}

/** Sloth sums it over the objective's window; of its other recordings it only reads the last sample. */
const SHORTEST_RATIO = 'slo:sli_error:ratio_rate5m';
const ANY_SHARE = 0.05;

export function buildSlothRules(program: string, pipelines: number): RuleSet {
  const files = generate(
    program,
    Array.from({ length: pipelines }, (_, index) => buildServiceLevels(index)),
  );
  const rules = files.flatMap(({ groups }) => groups.flatMap((group) => group.rules));
  return {
    name: 'sloth',
    groups: [{ interval: EVALUATION_SECONDS, rules }],
    recordings: rules.flatMap(recordingOf),
  };
}

function recordingOf({ record, labels = {} }: SlothRule): Recording[] {
  if (record === undefined) return [];
  const recording = { name: record, labels, step: EVALUATION_SECONDS, value: ANY_SHARE };
  return [record === SHORTEST_RATIO ? recording : { ...recording, isLast: true }];
}

function generate(program: string, documents: readonly object[]): SlothFile[] {
  const folder = mkdtempSync(join(tmpdir(), 'trading-platform-sloth-'));
  try {
    const [input, output] = [join(folder, 'in.yaml'), join(folder, 'out.yaml')];
    writeFileSync(input, documents.map((document) => stringify(document)).join('---\n'));
    execFileSync(program, ['generate', '-i', input, '-o', output], { stdio: 'pipe' });
    // Document by document: the parser's time grows faster than its text.
    return readFileSync(output, 'utf8')
      .split(/^---$/m)
      .map((text) => parse(text) as SlothFile | null)
      .filter((file) => file !== null);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** In the form that Sloth's documentation has for events and for a latency by buckets. */
function buildServiceLevels(index: number): object {
  const selector = (metric: string, ...matchers: string[]) =>
    `sum(rate(${metric}{${[`pipeline_id="${pipelineIdOf(index)}"`, ...matchers].join(',')}}[{{.window}}]))`;
  const executions = 'pipeline_executions_total';
  const duration = 'pipeline_execution_duration_seconds';
  const { belowSeconds } = objectives['pipeline-latency'].indicator;
  const ended = selector(`${duration}_count`);
  return {
    version: 'prometheus/v1',
    service: `tp-${index}`,
    slos: [
      buildServiceLevel('pipeline-success', selector(executions, 'status!="success"'), selector(executions)),
      buildServiceLevel(
        'pipeline-latency',
        `(${ended} - ${selector(`${duration}_bucket`, `le="${belowSeconds}"`)})`,
        ended,
      ),
    ],
  };
}

function buildServiceLevel(name: 'pipeline-success' | 'pipeline-latency', errorQuery: string, totalQuery: string) {
  return {
    name,
    objective: objectives[name].target * 100,
    sli: { events: { error_query: errorQuery, total_query: totalQuery } },
    alerting: {
      name,
      page_alert: { labels: { severity: 'critical' } },
      ticket_alert: { labels: { severity: 'warning' } },
    },
  };
}
