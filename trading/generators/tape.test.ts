import { describe, expect, it } from 'vitest';
import type { Series } from '../market/bar.ts';
import { createTape, replayBar, type Tape } from './tape.ts';
import { randomWalk } from './testdata/random-walk.ts';

const walk = randomWalk(2_000);

function play(tape: Tape, bars: number): string[] {
  return Array.from({ length: bars }, () => tape.take()).flatMap((bar) =>
    tape.generators.flatMap((generator) => {
      const draft = generator.update(bar);
      return draft ? [`${bar.open_time} ${draft.type} ${draft.direction} ${draft.confidence}`] : [];
    }),
  );
}

describe('createTape', () => {
  it('continues after a restart with the same signals as without the restart', () => {
    const whole = createTape(walk, { start: 0, loop: true });
    play(whole, 20_000);
    const expected = play(whole, 5_000);
    expect(expected.length).toBeGreaterThan(500);
    expect(play(createTape(walk, { start: 20_000, loop: true }), 5_000)).toEqual(expected);
  });

  it('remembers after a restart which average was higher, so it reports a cross on the very next bar', () => {
    const whole = createTape(walk, { start: 0, loop: true });
    const crosses: { sequence: number; signals: string[] }[] = [];
    while (crosses.length < 20) {
      const sequence = whole.next;
      const signals = play(whole, 1);
      if (signals.some((one) => one.includes('_cross'))) crosses.push({ sequence, signals });
    }
    for (const { sequence, signals } of crosses) {
      expect(play(createTape(walk, { start: sequence, loop: true }), 1)).toEqual(signals);
    }
  });

  it('ends at the end of the data if the tape does not loop', () => {
    const tape = createTape(walk, { start: walk.bars.length - 1, loop: false });
    expect(tape.ended).toBe(false);
    expect(tape.take().close).toBe(walk.bars.at(-1)?.close);
    expect([tape.ended, tape.next]).toEqual([true, 2_000]);
    expect(() => tape.take()).toThrow('the replay of WALK has ended');
  });

  it('has ended from the start if the tape does not loop and starts after the data', () => {
    expect(createTape(walk, { start: 5_000, loop: false }).ended).toBe(true);
  });
});

const day = 86_400_000;
const closes = [100, 110, 90, 130];
const series: Series = {
  symbol: 'GOOG',
  timeframe: '1d',
  bars: closes.map((close, index) => {
    const open = closes[index - 1] ?? 95;
    return { time: Date.UTC(2020, 0, 1) + index * day, open, high: 140, low: 80, close, volume: index };
  }),
};
const bars = Array.from({ length: 40 }, (_, sequence) => replayBar(series, sequence));

describe('replayBar', () => {
  it('returns the data unchanged in the first lap', () => {
    expect(bars[2]).toEqual({
      symbol: 'GOOG',
      timeframe: '1d',
      source: 'replay',
      open_time: '2020-01-03T00:00:00.000Z',
      sequence: 2,
      open: 110,
      high: 140,
      low: 80,
      close: 90,
      volume: 2,
    });
  });

  it('mirrors the second lap: the last bar first, open and close swapped', () => {
    expect(bars[4]).toMatchObject({ sequence: 4, open: 130, close: 90, volume: 3 });
    expect(bars[7]).toMatchObject({ sequence: 7, open: 100, close: 95, volume: 0 });
    expect(bars[8]).toMatchObject({ sequence: 8, open: 95, close: 100, volume: 0 });
  });

  it('opens each bar at the close of the bar before', () => {
    for (const [index, bar] of bars.entries()) expect(bar.open).toBe(bars[index - 1]?.close ?? 95);
  });

  it('gives each bar a later time than the bar before', () => {
    const times = bars.map((bar) => Date.parse(bar.open_time));
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
  });

  it('stays within dates that databases can store, even after 100 million bars', () => {
    expect(replayBar({ ...series, timeframe: '1M' }, 100_000_000).open_time).toMatch(/^20\d\d-/);
  });
});
