import { describe, expect, it } from 'vitest';
import type { Series } from '#trading/market/series.ts';
import { readMarket } from '../read-market.ts';
import { createTape, type Tape } from './tape.ts';

const [goog] = readMarket(['GOOG']) as [Series];

function play(tape: Tape, bars: number): string[] {
  return Array.from({ length: bars }, () => tape.take()).flatMap((bar) =>
    tape.generators.flatMap((generator) => {
      const draft = generator.update(bar);
      return draft ? [`${bar.open_time} ${draft.type} ${draft.direction} ${draft.confidence}`] : [];
    }),
  );
}

describe('createTape', () => {
  it('goes on after a stop with the very signals it would have given without', () => {
    const whole = createTape(goog, { start: 0, loop: true });
    play(whole, 20_000);
    const expected = play(whole, 5_000);
    expect(expected.length).toBeGreaterThan(500);
    expect(play(createTape(goog, { start: 20_000, loop: true }), 5_000)).toEqual(expected);
  });

  it('knows after a stop on which side the averages were: a cross on the very next bar is one', () => {
    const whole = createTape(goog, { start: 0, loop: true });
    const crosses: { sequence: number; signals: string[] }[] = [];
    while (crosses.length < 20) {
      const sequence = whole.next;
      const signals = play(whole, 1);
      if (signals.some((one) => one.includes('_cross'))) crosses.push({ sequence, signals });
    }
    for (const { sequence, signals } of crosses) {
      expect(play(createTape(goog, { start: sequence, loop: true }), 1)).toEqual(signals);
    }
  });

  it('is at its end with the data when it does not loop', () => {
    const tape = createTape(goog, { start: goog.bars.length - 1, loop: false });
    expect(tape.ended).toBe(false);
    expect(tape.take().open_time).toBe('2013-03-01T00:00:00.000Z');
    expect([tape.ended, tape.next]).toEqual([true, 2_148]);
    expect(() => tape.take()).toThrow('the replay of GOOG is at its end');
  });

  it('stays at its end when it was further before, looping', () => {
    expect(createTape(goog, { start: 5_000, loop: false }).ended).toBe(true);
  });
});
