import { type Heal, keepDoing } from './heal.ts';

/** So many users at once who ask for one page again and again, whatever they are answered. */
export function keepAsking(url: string, users: number): Heal {
  const heals = Array.from({ length: users }, () =>
    keepDoing(async (signal) => {
      const answer = await fetch(url, { signal }).catch(() => undefined);
      await answer?.text().catch(() => undefined);
    }),
  );
  return async () => {
    await Promise.all(heals.map((heal) => heal()));
  };
}
