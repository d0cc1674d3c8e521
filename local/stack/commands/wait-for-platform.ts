import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CONTROLLER } from '#catalogue/services.ts';
import { describeLog } from '../../servers/launch.ts';
import type { StackConsole } from '../console.ts';
import { READY_WITHIN_MS } from '../entries/stack-entry.ts';
import { StackError } from '../open-stack.ts';
import type { StackContext } from '../stack-context.ts';
import { type PlatformState, readPlatformState } from './platform-state.ts';

const POLL_MS = 250;

/**
 * Waits until the TradingPipeline is Ready, and then until Prometheus scrapes every service.
 * @throws StackError if one of these two waits takes longer than READY_WITHIN_MS
 */
export async function waitForPlatform(context: StackContext, console: StackConsole): Promise<void> {
  const ready = await waitFor(context, READY_WITHIN_MS, (state) => state.ready);
  if (!ready.ready) {
    const log = describeLog(join(context.paths.logs, `${CONTROLLER}.log`));
    throw new StackError(
      `the TradingPipeline platform is not Ready: ${ready.reason}. The end of the controller's log:${log}`,
    );
  }
  console.step('platform', 'TradingPipeline Ready');
  const scraped = await waitFor(context, READY_WITHIN_MS, ({ targets, targetsUp }) => targetsUp === targets);
  const count = `${scraped.targetsUp}/${scraped.targets} targets up`;
  if (scraped.targetsUp !== scraped.targets) {
    throw new StackError(
      `Prometheus has ${count}: look at Status > Targets on its page, and at make logs S=prometheus-config-sync`,
    );
  }
  console.step('platform', `${count}, found through the ServiceMonitors of the controller`);
}

async function waitFor(
  context: StackContext,
  timeoutMs: number,
  done: (state: PlatformState) => boolean,
): Promise<PlatformState> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const state = await readPlatformState(context);
    if (done(state) || performance.now() > deadline) return state;
    await sleep(POLL_MS);
  }
}
