export type Labels = Readonly<Record<string, string>>;

interface Branch<Leaf> {
  leaf: Leaf | undefined;
  /** The branches below this branch, keyed by the value of the next label. */
  readonly next: Map<string, Branch<Leaf>>;
}

/**
 * A map from label sets to leaves, with one level for each label. A single map with a joined key would have to build
 * and hash that key at each observation. Here each key is a label value, a string whose hash V8 has already cached.
 */
export class LabelTree<Leaf> {
  readonly #labels: readonly string[];
  #root: Branch<Leaf> = grow();

  /** @param labels the names of the labels, one for each level */
  constructor(labels: readonly string[]) {
    this.#labels = labels;
  }

  find(labels: Labels): Leaf | undefined {
    let branch = this.#root;
    for (const label of this.#labels) {
      const next = branch.next.get(labels[label] ?? '');
      if (next === undefined) return undefined;
      branch = next;
    }
    return branch.leaf;
  }

  put(labels: Labels, leaf: Leaf): Leaf {
    let branch = this.#root;
    for (const label of this.#labels) {
      const value = labels[label] ?? '';
      const next = branch.next.get(value) ?? grow<Leaf>();
      branch.next.set(value, next);
      branch = next;
    }
    branch.leaf = leaf;
    return leaf;
  }

  clear(): void {
    this.#root = grow();
  }
}

function grow<Leaf>(): Branch<Leaf> {
  return { leaf: undefined, next: new Map() };
}
