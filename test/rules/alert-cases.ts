import type { AlertName } from '#catalogue/alerts.ts';
import type { AlertCase } from './alert-case.ts';
import { dispatchCases } from './alert-cases/dispatch.ts';
import { executionCases } from './alert-cases/executions.ts';
import { modelCases } from './alert-cases/models.ts';
import { resourceCases } from './alert-cases/resources.ts';
import { serviceCases } from './alert-cases/services.ts';
import { signalCases } from './alert-cases/signals.ts';
import { tradingCases } from './alert-cases/trading.ts';

/**
 * The cases of all alerts about the platform, in the groups of catalogue/alerts/. Each alert has cases in which it
 * fires and cases in which it is silent, with several replicas, markets and partitions, with values near each limit,
 * and with processes that have vanished. Data only.
 */
export const alertCases: readonly AlertCase<AlertName>[] = [
  ...serviceCases,
  ...executionCases,
  ...signalCases,
  ...dispatchCases,
  ...tradingCases,
  ...resourceCases,
  ...modelCases,
];
