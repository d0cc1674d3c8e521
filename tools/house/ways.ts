/**
 * Counts the files on two ways through the code: of a signal to its order, and of a TradingPipeline to its objects. The count
 * is the number of files that a new colleague opens to follow one way.
 *
 * The way of a signal is that of one well-formed signal that leads to an order, in the default configuration. Two kinds of
 * files are therefore not counted as its files. They are listed and counted on their own, as `asides`:
 * - alternatives: of functions that stand side by side, such as the generators, one counts;
 * - asides: functions that such a signal does not need, each with its reason in `ways`. If the way reaches the file of an aside
 *   by
 *   a function that is not named there, the file counts.
 *
 * A way is a call graph. It starts at the entries in `ways`. From each function or class (a class with all its methods) it
 * follows every name in the code that leads to a function or a class, in the same file or imported as a value. It passes
 * through tables of functions. It cannot follow a method of an object that was passed in (publisher, queue, broker): one entry
 * for each such port takes over there. Types do not count. A file counts once, if a function or class of it is on the way.
 *
 * The way stops at:
 * - tests and benchmarks, `config.ts`, `*-config.ts`, `log.ts`;
 * - catalogue/ and dashboards/: names, schemas and panels. Their number says nothing about the way;
 * - kit/, base/, timing/ and platform/: transports, telemetry and common plumbing, shared by every way. The file of an
 *   entry counts there, and nothing else.
 * The files it stops at are counted apart (`leftOut`), so that a move into one of these folders shows.
 */
import path from 'node:path';
import type { Module, Project } from './project.ts';
import { listFreeNames, listUnits, type Unit } from './syntax.ts';

interface Hop {
  readonly about: string;
  /**
   * Exported names, of this commit and of older ones; the first that exists is the entry. After a renaming, add the new
   * name, so that old commits stay comparable.
   */
  readonly names: readonly string[];
}

/** Functions that do not count for the way, and the reason. */
interface Aside {
  readonly reason: string;
  /** Exported names, of this commit and of older ones; names that do not exist are skipped. */
  readonly names: readonly string[];
}

interface Route {
  /** One entry for each port and each message between processes. Entries are looked up by exported name, so files may move. */
  readonly hops: readonly Hop[];
  /**
   * Functions that stand side by side: in each list, the first name that exists is on the way; the other names are not.
   */
  readonly alternatives?: readonly Aside[];
  readonly asides?: readonly Aside[];
}

export const ways: Readonly<Record<'signal' | 'pipeline', Route>> = {
  signal: {
    hops: [
      { about: 'the tape: the next bar and its generators', names: ['createTape'] },
      { about: 'the replay: bars to signals', names: ['startReplay'] },
      { about: 'the market publisher: signals to messages', names: ['createMarketPublisher'] },
      { about: 'the Kafka producer', names: ['startPublisher'] },
      { about: 'the Kafka consumer', names: ['consumeBatches'] },
      { about: 'the batch handler of the dispatcher', names: ['createBatchHandler'] },
      { about: 'the index of pipelines', names: ['PipelineIndex'] },
      { about: 'the store of executions', names: ['storeBatch'] },
      { about: 'jobs into the queue', names: ['openExecutionQueue'] },
      { about: 'jobs out of the queue', names: ['startExecutionWorker'] },
      { about: 'the job handler of the worker', names: ['createJobHandler'] },
      { about: 'the agents', names: ['createAgents'] },
      { about: 'the broker', names: ['createPaperBroker'] },
    ],
    alternatives: [
      {
        reason: 'one generator makes the signal',
        names: [
          ...['movingAverageCross', 'rsi', 'macd', 'bollinger', 'mock'],
          ...['createMovingAverageCross', 'createRsi', 'createMacd', 'createBollinger'],
        ],
      },
    ],
    asides: [
      { reason: 'dead letters: for malformed messages', names: ['publishDeadLetters'] },
      { reason: 'schedules: of pipelines that run by the clock', names: ['scheduleSchema', 'timeZoneSchema'] },
      { reason: 'ladders: of pipelines with many tickers and signals', names: ['Ladder'] },
      { reason: 'spans of signals: telemetry', names: ['startSignalSpans'] },
      { reason: 'failures: executions that end without an order', names: ['ExecutionFailure', 'ExecutionTaken'] },
      {
        // byRule is listed because it replaces the model while the model is off: it returns the result of the rule.
        reason: 'the language model, its questions and its budget: off by default',
        names: ['byRule', 'askBias', 'askStrategy', 'readSpentToday', 'isSpent', 'BudgetExhausted'],
      },
    ],
  },
  pipeline: {
    hops: [
      { about: 'lists and watches', names: ['ResourceCache'] },
      { about: 'routing of changes to keys', names: ['ClusterState', 'ClusterCaches'] },
      { about: 'the filter of our own echoes', names: ['EchoFilter', 'ClusterState'] },
      { about: 'the router of changes', names: ['routeChange', 'ClusterState'] },
      { about: 'the work queue', names: ['WorkQueue'] },
      { about: 'the reconciler', names: ['Reconciler'] },
      { about: 'the compiler, spec to objects', names: ['compile'] },
      { about: 'the plan, objects against the cache', names: ['plan'] },
      { about: 'the cluster writer', names: ['createClusterWriter'] },
      { about: 'requests to the API server', names: ['KubeClient'] },
    ],
    asides: [
      {
        reason: "users' own rules: parsed and checked only if the resource lists some",
        names: ['buildCustomRules', 'checkQuery', 'matchExternal', 'findCustomRules', 'checkSteps', 'CheckBudget'],
      },
      {
        reason: "strangers' fields in generated objects: only if an object has some",
        names: ['foreignFields', 'planTakenBackEvents', 'findManager', 'oddOwners', 'Contests'],
      },
      {
        reason: 'a declared pipeline: only if the resource has spec.pipeline',
        names: ['observeTrigger', 'judgeTrigger', 'scheduleSchema', 'timeZoneSchema'],
      },
      { reason: "the units of queries of objectives of one's own", names: ['checkUnit', 'checkCounter', 'unitOf'] },
    ],
  },
};

const LEFT_OUT: ReadonlySet<string> = new Set(['catalogue', 'dashboards', 'kit', 'base', 'timing', 'platform']);
const LEFT_OUT_FILE = /(^|[/-])(config|log)\.ts$/;

interface Way {
  readonly files: readonly string[];
  /** Files that are reached only through alternatives and asides. */
  readonly asides: readonly { readonly path: string; readonly reason: string }[];
  /** Files that do not count, although the way or its asides call functions in them. */
  readonly leftOut: readonly string[];
  /** Hops without an entry, which make the count too low, and names with several. */
  readonly warnings: readonly string[];
}

interface Step {
  readonly module: Module;
  readonly unit: Unit;
}

interface Walk {
  readonly steps: readonly Step[];
  readonly leftOut: readonly Step[];
}

export function followWay({ hops, alternatives = [], asides = [] }: Route, project: Project): Way {
  const graph = new CallGraph(project);
  const entries = hops.map((hop) => ({ hop, steps: graph.findEntries(hop.names) }));
  const starts = entries.flatMap((entry) => entry.steps);
  const doors = new Set(starts.map(({ module }) => module));
  const beside = [
    ...alternatives.map(({ reason, names }) => ({ reason, found: graph.findEach(names).slice(1) })),
    ...asides.map(({ reason, names }) => ({ reason, found: graph.findEach(names) })),
  ];
  const aside = new Set(beside.flatMap(({ found }) => found.map(({ unit }) => unit)));
  const way = walk(graph, starts, doors, aside);
  const reached = new Set([...way.steps, ...way.leftOut].map(({ unit }) => unit));
  const walks = beside.map(({ reason, found }) => {
    const called = found.filter(({ unit }) => way.passed.has(unit));
    return { reason, ...walk(graph, called, doors, reached) };
  });
  const files = listFiles(way.steps);
  return {
    files,
    asides: listAsides(walks, new Set(files)),
    leftOut: listFiles([...way.leftOut, ...walks.flatMap(({ leftOut }) => leftOut)]),
    warnings: entries.flatMap(({ hop, steps }) => warn(hop, steps)),
  };
}

/**
 * Follows all calls from the starts.
 * @param doors files that count although their folder does not count
 * @param barred functions, classes and tables that the walk does not enter; `passed` in the result contains those of
 * them that the walk reached
 */
function walk(graph: CallGraph, starts: readonly Step[], doors: ReadonlySet<Module>, barred: ReadonlySet<Unit>) {
  const steps = [...starts];
  const leftOut: Step[] = [];
  const passed = new Set<Unit>();
  const seen = new Set(starts.map(({ unit }) => unit));
  // `steps` grows while the loop reads it.
  for (const { module, unit } of steps) {
    for (const next of graph.next(module, unit)) {
      if (seen.has(next.unit)) continue;
      seen.add(next.unit);
      if (barred.has(next.unit)) passed.add(next.unit);
      else if (doors.has(next.module) || isOnWay(next.module)) steps.push(next);
      else leftOut.push(next);
    }
  }
  return { steps, leftOut, passed };
}

/** Lists each file once, with the first reason that leads to the file. */
function listAsides(walks: readonly (Walk & { readonly reason: string })[], counted: ReadonlySet<string>) {
  const reasons = new Map<string, string>();
  for (const { reason, steps } of walks)
    for (const file of listFiles(steps)) if (!counted.has(file) && !reasons.has(file)) reasons.set(file, reason);
  return Array.from(reasons, ([file, reason]) => ({ path: file, reason }));
}

function listFiles(steps: readonly Step[]): string[] {
  return [...new Set(steps.filter(({ unit }) => unit.isCode).map(({ module }) => module.path))].sort();
}

function warn({ about, names }: Hop, found: readonly Step[]): string[] {
  if (found.length === 1) return [];
  if (found.length === 0) return [`${about}: no file exports ${names.join(' or ')}; add its new name in ways.ts`];
  const files = found.map(({ module }) => module.path).join(' and ');
  return [`${about}: ${files} export the same name, so the way goes through both; name another entry in ways.ts`];
}

function isOnWay({ path: file, isTest }: Module): boolean {
  const folders = path.posix.dirname(file).split('/');
  return !isTest && !LEFT_OUT_FILE.test(file) && !folders.some((folder) => LEFT_OUT.has(folder));
}

/** The call graph of all files: which functions, classes and tables refer to which. */
class CallGraph {
  readonly #project: Project;
  readonly #units = new Map<Module, Map<string, Unit>>();

  constructor(project: Project) {
    this.#project = project;
  }

  /** Returns the entries of every name that exists, in the order of the names. */
  findEach(names: readonly string[]): Step[] {
    return names.flatMap((name) => this.findEntries([name]));
  }

  /** Returns the entries of the first name that exists. Returns several if several files export that name. */
  findEntries(names: readonly string[]): Step[] {
    const sources = [...this.#project.values()].filter(({ isTest }) => !isTest);
    for (const name of names) {
      const found = sources.flatMap((module) => {
        const local = module.exports.find((one) => one.name === name)?.local;
        return local === undefined ? [] : this.#own(module, local);
      });
      if (found.length > 0) return found;
    }
    return [];
  }

  next(module: Module, unit: Unit): Step[] {
    return [...listFreeNames(unit.node)].flatMap((name) => this.#resolve(module, name));
  }

  /** @param name as the code writes it; `name.member` for a member */
  #resolve(module: Module, name: string): Step[] {
    const [base = '', member] = name.split('.');
    const imported = module.imports.find(({ local }) => local === base);
    if (!imported) return this.#own(module, base);
    return this.#exported(imported.from, imported.name === '*' ? (member ?? '*') : imported.name);
  }

  #exported(file: string, name: string): Step[] {
    const module = this.#project.get(file);
    if (!module) return [];
    return module.exports
      .filter((one) => one.name === name || one.name === '*' || name === '*')
      .flatMap((one) => {
        if (one.from) return this.#exported(one.from, one.imported === '*' ? name : (one.imported ?? name));
        return this.#own(module, one.local ?? name);
      });
  }

  #own(module: Module, name: string): Step[] {
    const units = this.#units.get(module) ?? listUnits(module.program);
    this.#units.set(module, units);
    const unit = units.get(name);
    return unit ? [{ module, unit }] : [];
  }
}
