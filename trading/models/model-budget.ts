import type { Exact } from '../money.ts';

/** What a pipeline may spend on models in a UTC day, and what it has. Calls under way count at their most. */
export interface ModelBudget {
  readonly dailyUsd: Exact;
  readonly spentTodayUsd: Exact;
}

/** The budget of the day is spent: the execution ends as skipped, as its owner asked for. */
export class BudgetExhausted extends Error {
  constructor({ dailyUsd, spentTodayUsd }: ModelBudget) {
    super(
      `BUDGET_EXHAUSTED: the model budget of the day is spent (${spentTodayUsd} of ${dailyUsd} USD since midnight UTC, calls under way at their most); it runs again the next day, or with a larger budget.dailyUsd`,
    );
    this.name = 'BudgetExhausted';
  }
}

export function isSpent({ dailyUsd, spentTodayUsd }: ModelBudget): boolean {
  return spentTodayUsd.gte(dailyUsd);
}
