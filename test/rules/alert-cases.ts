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
 * At least one in which each alert fires, and one in which it does not; also with several replicas, markets and partitions, with values
 * near each limit, and for how long what is gone is remembered. Data.
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
