/** Collects counts that the tests report and durations of their steps, and prints them as one table. */
export class Tally {
  readonly #started = performance.now();
  readonly #rows = new Map<string, string>();

  /** Sets counts, keyed by name; a later count of the same name replaces the earlier one. */
  count(counts: Readonly<Record<string, number>>): void {
    for (const [name, value] of Object.entries(counts)) this.#rows.set(name, String(value));
  }

  /** Runs a step and records how long it took. */
  async time(step: string, work: () => Promise<void>): Promise<void> {
    const started = performance.now();
    await work();
    this.#rows.set(`${step} took`, describeSeconds(started));
  }

  print(): void {
    const rows = [...this.#rows, ['all of it took', describeSeconds(this.#started)] as const];
    console.log(rows.map(([name, value]) => `| ${name.padEnd(20)} | ${value.padStart(8)} |`).join('\n'));
  }
}

function describeSeconds(started: number): string {
  return `${((performance.now() - started) / 1_000).toFixed(0)} s`;
}
