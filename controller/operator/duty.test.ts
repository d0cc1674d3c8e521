import { describe, expect, it } from 'vitest';
import { Duty } from './duty.ts';

function dutyByHand() {
  const said: string[] = [];
  let finish: () => void = () => {};
  const duty = new Duty({
    begin: () => void said.push('begin'),
    end: () => {
      said.push('end');
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    },
  });
  const ended = async () => {
    finish();
    await Promise.resolve();
    await Promise.resolve();
  };
  return { duty, said, ended };
}

describe('Duty', () => {
  it('begins once it leads and its caches are filled, in either order', () => {
    for (const order of [
      ['lead', 'synced'],
      ['synced', 'lead'],
    ]) {
      const { duty, said } = dutyByHand();
      for (const what of order) {
        expect(said).toEqual([]);
        if (what === 'lead') duty.lead(true);
        else duty.synced();
      }
      expect([said, duty.working]).toEqual([['begin'], true]);
    }
  });

  it('ends when it stops leading, and begins again only after all work has ended', async () => {
    const { duty, said, ended } = dutyByHand();
    duty.synced();
    duty.lead(true);
    duty.lead(false);
    expect(duty.working).toBe(false);
    duty.lead(true);
    expect(said).toEqual(['begin', 'end']);
    await ended();
    expect([said, duty.working]).toEqual([['begin', 'end', 'begin'], true]);
  });
});
