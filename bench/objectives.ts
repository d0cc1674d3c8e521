/**
 * Measures what the rules of objectives cost Prometheus: 1,000 pipelines with two objectives each, our rules and Sloth's
 * rules, on one real Prometheus with the same counters in one run. One JSON line per case. See docs/benchmarks.md.
 *
 *     node bench/objectives.ts [--pipelines=1000] [--hours=2] [--with-sloth=BINARY]
 */
import { parseArgs } from 'node:util';
import { startPrometheusOfHistory } from '../test/support/start-prometheus-of-history.ts';
import { describeMachine, printCase, readCount, round, tell } from './figures.ts';
import { countSamples } from './objectives/count-samples.ts';
import { writeHistory } from './objectives/history.ts';
import { buildOwnRules } from './objectives/own-rules.ts';
import type { RuleSet } from './objectives/rule-set.ts';
import { buildSlothRules } from './objectives/sloth-rules.ts';

const END = Date.parse('2026-01-05T12:00:00Z') / 1_000;
const HOUR = 3_600;

async function run(sets: readonly RuleSet[], pipelines: number, hours: number): Promise<void> {
  const machine = describeMachine();
  tell(`making ${hours} hours of ${pipelines} pipelines`);
  const recordings = sets.flatMap((set) => set.recordings);
  const prometheus = await startPrometheusOfHistory(
    writeHistory({ pipelines, recordings, from: END - hours * HOUR, to: END }),
  );
  try {
    let least: number | undefined;
    for (const set of sets) {
      tell(`${set.name}: evaluating every rule`);
      const touched = await countSamples(prometheus.url, set, END);
      least ??= touched.samples_per_minute;
      const share = { share_of_first: round(touched.samples_per_minute / least, 4) };
      printCase(
        'objectives',
        set.name,
        { pipelines, objectives_each: 2, ...touched, ...share, machine },
        { hours, scrape: '15s' },
      );
    }
  } finally {
    await prometheus.stop();
  }
}

const { values } = parseArgs({
  options: {
    pipelines: { type: 'string', default: '1000' },
    hours: { type: 'string', default: '2' },
    'with-sloth': { type: 'string' },
  },
});
const [pipelines, hours] = [readCount('pipelines', values.pipelines), Number(values.hours)];
if (!(hours > 0)) throw new Error(`--hours: expected a number above 0, got ${values.hours}`);
const sloth = values['with-sloth'];
const sets = [...(sloth ? [buildSlothRules(sloth, pipelines)] : []), buildOwnRules(pipelines)];
await run(sets, pipelines, hours);
