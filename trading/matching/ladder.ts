/**
 * The pipelines of one universe that wait for signals of one type and timeframe, sorted by minimum confidence. Most
 * ladders hold one pipeline, so a level with one pipeline is the pipeline's id instead of a set.
 */
export class Ladder {
  /** Minimum confidences, in ascending order. */
  #levels: number[] = [];
  /** The pipelines of each level, at the index of the level. */
  #waiting: (string | Set<string>)[] = [];

  get isEmpty(): boolean {
    return this.#levels.length === 0;
  }

  add(level: number, pipelineId: string): void {
    if (this.isEmpty) {
      // An array literal takes the room of one item; a first push or splice makes room for 17.
      this.#levels = [level];
      this.#waiting = [pipelineId];
      return;
    }
    const place = findPlace(this.#levels, level);
    const waiting = this.#levels[place] === level ? this.#waiting[place] : undefined;
    if (waiting === undefined) {
      this.#levels.splice(place, 0, level);
      this.#waiting.splice(place, 0, pipelineId);
    } else if (typeof waiting === 'string') this.#waiting[place] = new Set([waiting, pipelineId]);
    else waiting.add(pipelineId);
  }

  remove(level: number, pipelineId: string): void {
    const place = findPlace(this.#levels, level);
    const waiting = this.#levels[place] === level ? this.#waiting[place] : undefined;
    if (typeof waiting === 'object') waiting.delete(pipelineId);
    if (waiting !== pipelineId && !(typeof waiting === 'object' && waiting.size === 0)) return;
    this.#levels.splice(place, 1);
    this.#waiting.splice(place, 1);
  }

  /** Adds to `found` the pipelines whose minimum confidence is at most `confidence`. */
  climb(confidence: number, found: Set<string>): void {
    for (let place = 0; place < this.#levels.length; place += 1) {
      if ((this.#levels[place] ?? Number.POSITIVE_INFINITY) > confidence) return;
      const waiting = this.#waiting[place] ?? [];
      if (typeof waiting === 'string') found.add(waiting);
      else for (const pipelineId of waiting) found.add(pipelineId);
    }
  }
}

/** Returns the index of the first level that is not below `level`, by binary search. */
function findPlace(levels: readonly number[], level: number): number {
  let [low, high] = [0, levels.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((levels[middle] ?? Number.POSITIVE_INFINITY) < level) low = middle + 1;
    else high = middle;
  }
  return low;
}
