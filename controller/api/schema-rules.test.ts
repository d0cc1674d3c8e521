import { describe, expect, it } from 'vitest';
import { parseTradingPipelineSpec } from './trading-pipeline.ts';

const success = { name: 'pipeline-success' };
const tuned = (tuning: object) => ({ alerts: { rules: { ServiceDown: tuning } } });

describe('the message for an invalid field', () => {
  it.each([
    ['objectives[0].target: must be less than 100', { objectives: [{ ...success, target: 100 }] }],
    ['objectives[0].target: must be more than 0', { objectives: [{ ...success, target: 0 }] }],
    [/^spec\.objectives\[0\]\.window: must be one of 7d, /, { objectives: [{ ...success, window: 'month' }] }],
    [
      'objectives[0].alerting.minEvents: must be a whole number',
      { objectives: [{ ...success, alerting: { minEvents: 1.5 } }] },
    ],
    ['alerts.rules.ServiceDown.severity: must be one of info, warning, critical', tuned({ severity: 1 })],
    ['alerts.rules.ServiceDown.enabled: must be true or false', tuned({ enabled: 'on' })],
    ['dashboards.include: must be a list', { dashboards: { include: 'overview' } }],
    [/^spec\.dashboards\.include\[0\]: .*; do you mean overview\?$/, { dashboards: { include: ['overvew'] } }],
    ['dashboards.folder: must not be empty', { dashboards: { folder: '' } }],
    ['externalMetrics: must have at most 100 entries', { externalMetrics: Array(101).fill('a') }],
    ['services[0].name: is required', { services: [{}] }],
    [
      'services[0].path: must have at most 1024 characters',
      { services: [{ name: 'backend', path: `/${'x'.repeat(1_024)}` }] },
    ],
  ])('uses the words of the schema: %s', (message, spec) => {
    const parsed = parseTradingPipelineSpec(spec);
    const [problem] = 'problems' in parsed ? parsed.problems : [];
    expect(problem).toMatch(typeof message === 'string' ? `spec.${message}` : message);
  });
});
