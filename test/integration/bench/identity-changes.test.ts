import { expect, it } from 'vitest';
import { benchChanges } from '#src/bench/identity-changes.js';

it(
  'follows made-up people through cuts, replacements, hands before faces and a weak detector',
  { timeout: 120_000 },
  async () => {
    const { films, met } = await benchChanges(2);

    expect(met).toEqual({
      cut: true,
      cutUnseen: true,
      strangerMedian: true,
      strangerWorst: true,
      weak: true,
      still: true,
      halfCovered: true,
    });
    const cut = films.find(({ film }) => film === 'cut-exchange')!;
    expect(cut.changes).toBeGreaterThan(10);
    // A cut that is seen leaves no wrong name on air.
    expect(cut.wrongOnAirS.worst).toBe(0);
  },
);
