/** Builds docs/runbooks/alerts.md from the runbooks that stand beside the alerts in the catalogue. Pure. */
import type { Runbook } from '#catalogue/alerts/alert.ts';
import { dispatchRunbooks } from '#catalogue/alerts/dispatch.ts';
import { executionRunbooks } from '#catalogue/alerts/executions.ts';
import { modelRunbooks } from '#catalogue/alerts/models.ts';
import { operatorRunbooks } from '#catalogue/alerts/operator.ts';
import { operatorPeerRunbooks } from '#catalogue/alerts/operator-peers.ts';
import { resourceRunbooks } from '#catalogue/alerts/resources.ts';
import { serviceRunbooks } from '#catalogue/alerts/services.ts';
import { signalRunbooks } from '#catalogue/alerts/signals.ts';
import { tradingRunbooks } from '#catalogue/alerts/trading.ts';
import { objectiveRunbooks } from '#catalogue/objectives.ts';

const runbooks: Readonly<Record<string, Runbook>> = {
  ...serviceRunbooks,
  ...executionRunbooks,
  ...signalRunbooks,
  ...dispatchRunbooks,
  ...tradingRunbooks,
  ...resourceRunbooks,
  ...modelRunbooks,
  ...objectiveRunbooks,
  ...operatorRunbooks,
  ...operatorPeerRunbooks,
};

const intro = `<!-- Generated from catalogue/alerts/ and catalogue/objectives.ts: change those, then run make generate. -->

# Runbooks

Each alert has a heading here. Its annotation \`runbook_url\` leads to the heading, and its \`description\` has the value that fired it.

Before you type a command:

- In a cluster, set \`NS=trading-platform\` (the namespace of your services). Then run \`kubectl get tp -n $NS\`: it shows every
  TradingPipeline that is not Ready. Run the queries in Prometheus or in Grafana's Explore.
- On a laptop, use \`make status\` instead of \`kubectl get pods\`, \`make logs S=<service>\` instead of \`kubectl logs\`, and
  \`make stop S=<service>\`, then \`make start S=<service>\` instead of a rollout. Prometheus is at http://127.0.0.1:9090.

If several alerts fire, begin with ServiceDown. Then take the one furthest upstream, because a stage that stops starves all stages
after it: market data → signal-generator → Kafka → trigger-dispatcher → job queue → celery-worker → broker.

Give every silence an end and a reason: \`amtool silence add alertname=<alert> service=<service> --duration=2h --comment='<why>'\`.`;

export function buildRunbooksPage(): string {
  const sections = Object.entries(runbooks).map(([alert, runbook]) => buildSection(alert, runbook));
  return `${[intro, ...sections].join('\n\n')}\n`;
}

function buildSection(alert: string, { means, feels, look, remedy, silence }: Runbook): string {
  return [
    `## ${alert}`,
    `**What it means.** ${means}`,
    `**What users feel.** ${feels}`,
    `**First look.** ${look.map(buildLook).join('\n\n')}`,
    `**Remedy.** ${buildRemedy(remedy)}`,
    `**When to silence.** ${silence}`,
  ]
    .flatMap((block) => block.split('\n\n'))
    .map(wrap)
    .join('\n\n');
}

function buildLook(step: Runbook['look'][number]): string {
  if (typeof step === 'string') return step;
  return 'promql' in step ? fence('promql', step.promql) : fence('sh', step.sh);
}

function fence(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}

function buildRemedy(remedy: Runbook['remedy']): string {
  if (typeof remedy === 'string') return remedy;
  return `Act on what you found.\n\n${remedy.map((item) => `- ${item}`).join('\n')}`;
}

const WIDTH = 120;

/** A code span counts as one word, so that it stays on one line. */
const WORD = /(?:`[^`]*`|[^ `])+/g;

/** Wraps paragraphs and list items; code blocks stay as they are. */
function wrap(block: string): string {
  if (block.startsWith('```')) return block;
  return block.split('\n').map(wrapLine).join('\n');
}

function wrapLine(line: string): string {
  const indent = line.startsWith('- ') ? '  ' : '';
  const lines: string[] = [];
  let current = '';
  for (const word of line.match(WORD) ?? []) {
    const next = current === '' ? word : `${current} ${word}`;
    if (next.length <= WIDTH || current.trim() === '') current = next;
    else {
      lines.push(current);
      current = indent + word;
    }
  }
  return [...lines, current].join('\n');
}
