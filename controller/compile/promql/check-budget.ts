/**
 * Bounds how much of a resource's own text is checked. Each expression and each template has a bound of its own; the budget keeps a
 * resource with hundreds of them at their bound from taking seconds at each compilation. Pure.
 */
import { estimateStates, MOST_STATES } from '#base/promql/check-regexp.ts';
import { reasons } from '../../api/names.ts';
import type { QueryProblem } from './check-query.ts';

/** In characters; a repetition in a regular expression counts as if it were written out. A hundred alerts of people have a tenth. */
const MOST_WORK = 300_000;

export class CheckBudget {
  #left = MOST_WORK;

  /** Takes the work of checking these texts. Returns a problem if the texts of the same resource before them have used it up. */
  take(...texts: readonly string[]): QueryProblem | undefined {
    this.#left -= texts.reduce((sum, text) => sum + workOf(text), 0);
    if (this.#left >= 0) return undefined;
    const message = `was not checked: the resource's own alerts and objectives are longer than ${MOST_WORK} characters together, repetitions in regular expressions written out. Move some to another resource`;
    return { reason: reasons.ruleTooComplex, message };
  }
}

/** Returns the work of checking a text. One with more states than that is refused before it is compiled. */
function workOf(text: string): number {
  return Math.min(estimateStates(text), text.length + MOST_STATES);
}
