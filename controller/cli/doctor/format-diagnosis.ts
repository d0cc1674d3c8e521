import type { Diagnosis } from './diagnose.ts';
import { caseAnchor, type Finding, type Verdict } from './finding.ts';

const marks: Readonly<Record<Verdict, string>> = { ok: 'ok    ', wrong: 'WRONG ', unknown: '?     ' };

/** Formats a diagnosis for people: one line per finding, with remedy and documentation link under each finding that is not ok. Pure. */
export function formatDiagnosis({ general, resources }: Diagnosis): string {
  const sections = [
    ['The cluster', general] as const,
    ...resources.map(({ resource, findings }) => [`TradingPipeline ${resource}`, findings] as const),
  ];
  const all = sections.flatMap(([, findings]) => findings);
  return `${sections.map(([title, findings]) => formatSection(title, findings)).join('\n')}\n${formatCount(all)}\n`;
}

function formatSection(title: string, findings: readonly Finding[]): string {
  return `${title}\n${findings.map(formatFinding).join('')}`;
}

function formatFinding(finding: Finding): string {
  const line = `  ${marks[finding.verdict]} ${finding.message}\n`;
  if (!finding.remedy) return line;
  const under = ' '.repeat(9);
  return `${line}${under}${finding.remedy}.\n${under}${caseAnchor(finding.case)}\n`;
}

function formatCount(findings: readonly Finding[]): string {
  const count = (verdict: Verdict) => findings.filter((finding) => finding.verdict === verdict).length;
  const parts = [`${count('wrong')} wrong`, `${count('ok')} ok`];
  if (count('unknown') > 0) parts.push(`${count('unknown')} unknown`);
  return parts.join(', ');
}
