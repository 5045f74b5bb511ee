import { expect, it } from 'vitest';
import { LabelFade } from '#src/stream/stages/compose/label-fade.js';

it('is there at once without a fade', () => {
  const fade = new LabelFade();

  fade.show('Ben', 0, 0);

  expect(fade.at(0)).toEqual([{ label: 'Ben', alpha: 1 }]);
});

it('fades from one to the other, and to none', () => {
  const fade = new LabelFade();
  fade.show('Anna', 0, 0);

  fade.show('Ben', 10, 1);
  expect(fade.at(10.5).map(({ label }) => label)).toEqual(['Anna', 'Ben']);
  expect(fade.at(11)).toEqual([{ label: 'Ben', alpha: 1 }]);

  fade.show(undefined, 11, 1);
  expect(fade.at(11.5)[0]!.alpha).toBeGreaterThan(0);
  expect(fade.at(12)).toEqual([]);
});

it('comes back from where it was when it is wanted again', () => {
  const fade = new LabelFade();
  fade.show('Anna', 0, 0);
  fade.show(undefined, 1, 1);
  const { alpha } = fade.at(1.4)[0]!;

  fade.show('Anna', 1.4, 1);

  expect(fade.at(1.4)[0]!.alpha).toBeCloseTo(alpha, 6);
  expect(fade.at(2.4)).toEqual([{ label: 'Anna', alpha: 1 }]);
});
