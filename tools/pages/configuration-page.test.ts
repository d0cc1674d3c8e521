import { describe, expect, it } from 'vitest';
import { telemetryVariables } from '#kit/telemetry/export/variables.ts';
import { variableNames } from '#kit/variable-names.ts';
import { buildConfigurationPage, processVariables } from './configuration-page.ts';

describe('the environment variables', () => {
  it('each have a meaning', () => {
    expect(processVariables.length).toBeGreaterThan(50);
    expect(processVariables.filter(({ meaning }) => !meaning).map(({ name }) => name)).toEqual([]);
  });

  it('each have a unit if they are numbers', () => {
    const numbers = processVariables.filter(({ isNumber }) => isNumber);
    expect(numbers.length).toBeGreaterThan(20);
    expect(numbers.filter(({ unit }) => !unit).map(({ name }) => name)).toEqual([]);
  });

  it('have one meaning for all processes that read them, except for the token that one sends and the other checks', () => {
    const names = processVariables.map(({ name }) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual(['PIPELINES_API_TOKEN']);
  });

  it('are all on the page and in the list of known names', () => {
    const page = buildConfigurationPage();
    const names = [...new Set([...processVariables.map(({ name }) => name), ...Object.keys(telemetryVariables)])];
    expect(names.filter((name) => !page.includes(`| \`${name}\` |`))).toEqual([]);
    expect([...variableNames].sort()).toEqual(names.sort());
  });

  it('show their defaults and units on the page', () => {
    expect(buildConfigurationPage()).toContain(
      '| `BATCH_MAX_WAIT_MS` | trigger-dispatcher | `500` | ms | longest that a signal waits for its batch to fill |',
    );
  });
});
