/**
 * `node test/rules/promql/record-verdicts.ts` writes what Prometheus' parser says of each expression of the corpus. Asks the promtool
 * of `local/parts/prometheus.ts`, or of PATH if that is Prometheus 3 or newer.
 */
import { writeFileSync } from 'node:fs';
import { openPromtool } from '../promtool.ts';
import { askPromtool, hashCorpus, verdictsFile, writeCorpus } from './verdicts.ts';

const promtool = await openPromtool('record-verdicts');
const { output } = await promtool.run(['--version'], {});
const prometheus = /version (\d+\.\d+\.\d+)/.exec(output)?.[1] ?? '';
if (Number.parseInt(prometheus, 10) < 3) throw new Error(`promtool: expected version 3 or newer, got ${prometheus}`);
const corpus = writeCorpus();
const parsed = (await askPromtool(promtool, corpus)).map(Number).join('');
promtool.remove();
writeFileSync(verdictsFile, `${JSON.stringify({ prometheus, sha256: hashCorpus(corpus), parsed }, undefined, 2)}\n`);
console.log(
  `${corpus.length} expressions, ${parsed.replaceAll('0', '').length} of them parse in Prometheus ${prometheus}`,
);
