import type { ReadinessCheck } from '#kit/ops-server.ts';
import type { Health } from './api/routes/platform.ts';

/** The checks of /readyz, for the API's own health route. */
export function createHealth(checks: Readonly<Record<string, ReadinessCheck>>): Health {
  return {
    async readWrong() {
      const answers = await Promise.all(
        Object.entries(checks).map(async ([name, check]) => [name, await answerOf(check)] as const),
      );
      return Object.fromEntries(answers.flatMap(([name, wrong]) => (wrong === undefined ? [] : [[name, wrong]])));
    },
  };
}

async function answerOf(check: ReadinessCheck): Promise<string | undefined> {
  try {
    return await check();
  } catch {
    // Its message may name addresses; the log has it.
    return 'does not answer';
  }
}
