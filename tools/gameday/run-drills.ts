/**
 * Runs drills one after the other. A drill begins when the one before it is healed and none of its own alerts is active. A
 * drill is open until all its alerts have ended. An alert that no open drill lists in `provokes` or `follows` is a false alarm.
 */
import { AlarmWatch, type Sighting } from './alarm-watch.ts';
import type { AnyAlertName, Drill, GameDay, Injected } from './drill.ts';
import { addObjectives } from './shorten-rules.ts';

const FIRES_WITHIN_MS = 8 * 60_000;
/**
 * Deadline for alerts of drills that run alongside other drills. These alerts use long windows, which are recorded
 * every five minutes and evaluated every four minutes.
 */
const FIRES_ALONGSIDE_WITHIN_MS = 20 * 60_000;
const ENDS_WITHIN_MS = 20 * 60_000;
/**
 * An alert has ended only if it stays inactive this long: a restarted process has no rate for two scrapes, so its alert pauses
 * meanwhile.
 */
const CALM_MS = 60_000;

export interface AlertResult {
  readonly drill: Drill;
  readonly alert: AnyAlertName;
  /** Seconds from the beginning of the fault until the alert fired; absent if the alert did not fire. */
  firedAfter?: number;
  /** Seconds from the healing of the fault until the alert ended; absent if the alert did not end in time. */
  resolvedAfter?: number;
}

interface FalseAlarm {
  readonly alert: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Names of the drills that were open when the alert fired. */
  readonly during: readonly string[];
}

export interface GameDayResult {
  readonly alerts: readonly AlertResult[];
  readonly falseAlarms: readonly FalseAlarm[];
  /** Names of the alerts that were suppressed during a drill, keyed by the name of the drill. */
  readonly inhibited: ReadonlyMap<string, readonly string[]>;
}

interface RunOptions {
  readonly day: GameDay;
  readonly say: (text: string) => void;
  readonly interrupted: AbortSignal;
}

export async function runDrills(
  drills: readonly Drill[],
  { day, say, interrupted }: RunOptions,
): Promise<GameDayResult> {
  const open = new Set<Drill>();
  const alerts: AlertResult[] = [];
  const falseAlarms: FalseAlarm[] = [];
  const inhibited = new Map<string, readonly string[]>();
  const watch = new AlarmWatch(day.stack.at().alertmanager, (sighting) => {
    const falseAlarm = report(sighting, open, say);
    if (falseAlarm) falseAlarms.push(falseAlarm);
  });
  watch.start();
  interrupted.addEventListener('abort', () => void watch.stop());
  const around = { watch, day, say };
  const endings: Promise<void>[] = [];
  try {
    for (const drill of drills) {
      interrupted.throwIfAborted();
      await watch.until(() => !drill.provokes.some((name) => watch.firing().has(name)), ENDS_WITHIN_MS);
      const results = drill.provokes.map((alert): AlertResult => ({ drill, alert }));
      alerts.push(...results);
      open.add(drill);
      const begun = begin(drill, around);
      const healed = begun.then((fault) => provokeAndHeal(drill, results, fault, around));
      endings.push(
        healed
          .then((end) => end())
          // the other drills continue; the table shows the alerts of the failed drill as not fired or not ended
          .catch((error: unknown) => {
            if (!interrupted.aborted) say(`${drill.name} FAILED: ${error}`);
          })
          .finally(() => open.delete(drill)),
      );
      await (drill.alongside ? begun : healed).catch(() => undefined);
      if (!drill.alongside) inhibited.set(drill.name, watch.takeInhibited());
    }
    await Promise.all(endings);
    interrupted.throwIfAborted();
  } finally {
    await watch.stop();
    await Promise.all(endings);
  }
  return { alerts, falseAlarms, inhibited };
}

/** Reports that an alert became active or ended. Returns a false alarm if the alert became active and no open drill expects it. */
function report(
  { alert, labels, until }: Sighting,
  open: ReadonlySet<Drill>,
  say: (text: string) => void,
): FalseAlarm | undefined {
  const subject = labels.service ? `${alert} (${labels.service})` : alert;
  const isExpected = [...open].some((drill) => alertsOf(drill).includes(alert));
  const isFalse = until === undefined && !isExpected;
  say(`    ${subject} ${until !== undefined ? 'has ended' : `is active${isFalse ? ': A FALSE ALARM' : ''}`}`);
  return isFalse ? { alert, labels, during: [...open].map(({ name }) => name) } : undefined;
}

/** Lists the alerts that a drill must or may cause. */
function alertsOf({ provokes, follows = [] }: Drill): readonly string[] {
  return [...provokes, ...follows];
}

interface Around {
  readonly watch: AlarmWatch;
  readonly day: GameDay;
  readonly say: (text: string) => void;
}

interface Begun extends Injected {
  /** performance.now() when the fault began. */
  readonly began: number;
}

async function begin(drill: Drill, { day, say }: Around): Promise<Begun> {
  say(`${drill.name}: ${drill.fault}`);
  await addObjectives(day.stack, drill.objectives?.(day) ?? []);
  const began = performance.now();
  return { began, ...(await drill.inject(day)) };
}

/**
 * Waits until the alerts of a drill fire, then heals the fault. Returns a function that waits until these alerts have
 * ended.
 */
async function provokeAndHeal(
  drill: Drill,
  results: readonly AlertResult[],
  { began, heal, tidy }: Begun,
  { watch, say }: Around,
): Promise<() => Promise<void>> {
  try {
    await watch.until(
      () => drill.provokes.every((name) => watch.firstSeen(name, began) !== undefined),
      drill.alongside ? FIRES_ALONGSIDE_WITHIN_MS : FIRES_WITHIN_MS,
    );
  } finally {
    await heal();
  }
  const healed = performance.now();
  say(`${drill.name}: healed`);
  for (const result of results) {
    const seen = watch.firstSeen(result.alert, began);
    if (seen === undefined) say(`    ${result.alert} DID NOT FIRE within ${seconds(healed - began)} s`);
    else result.firedAfter = seconds(seen - began);
  }
  return async () => {
    const isOver = () => alertsOf(drill).every((alert) => watch.isCalm(alert, CALM_MS));
    const over = await watch.until(isOver, ENDS_WITHIN_MS);
    for (const result of results.filter(({ firedAfter }) => firedAfter !== undefined)) {
      const end = watch.lastEnd(result.alert);
      if (end !== undefined) result.resolvedAfter = Math.max(0, seconds(end - healed));
    }
    say(over ? `${drill.name}: all its alerts have ended` : `${drill.name}: ITS ALERTS HAVE NOT ENDED`);
    await tidy?.();
  };
}

function seconds(ms: number): number {
  return Math.round(ms / 1_000);
}
