import { describe, expect, it } from 'vitest';
import { Play } from './people.js';

const ann = { track: 1, who: 'ann', x: 200 };
const bob = { track: 2, who: 'bob', x: 900 };
const annLost = { track: 1, x: 200 };
const bobLost = { track: 2, x: 900 };
/** Both known, with galleries filled. */
const acquainted = (options = {}, delayFrames = 0): Play => new Play(options, delayFrames).show(50, ann, bob);

describe('IdentityKeeper', () => {
  it('names the first people at once, from 1', () => {
    const play = new Play().show(1, { ...ann, track: 7 }, { ...bob, track: 9 });

    expect(play.people).toEqual(['1 tracked', '2 tracked']);
    expect(play.names()).toEqual(['new_identity', 'new_identity']);
  });

  it('looks a few times at first, and then leaves calm people alone', () => {
    const play = acquainted();
    const atFirst = play.asked.length;

    play.show(150, ann, bob);

    expect(atFirst).toBe(8);
    expect(play.asked).toHaveLength(atFirst);
  });

  it('has a fresh look at calm people now and then', () => {
    expect(acquainted().show(300, ann, bob).asked.length).toBe(10);
  });

  it('puts an exchange right as soon as both are seen again', () => {
    const play = acquainted().show(5, ann, { ...bobLost, x: 210 });

    play.show(1, { track: 1, who: 'bob', x: 200 }, { track: 2, who: 'ann', x: 500 });

    expect(play.people).toEqual(['2 tracked', '1 tracked']);
    expect(play.names()).toContain('swap_corrected');
    expect(play.keeper.counts).toMatchObject({ swapsCorrected: 1 });
    const correction = play.events.find(({ name }) => name === 'swap_corrected')!;
    expect(correction.reasons).toContain('shadow');
    expect(Object.keys(correction.distances!)).toEqual(['1', '2']);
  });

  it('does not flap after a correction', () => {
    const play = acquainted().show(5, ann, { ...bobLost, x: 210 });
    play.show(100, { track: 1, who: 'bob', x: 200 }, { track: 2, who: 'ann', x: 500 });

    expect(play.names().filter((name) => name === 'swap_corrected')).toHaveLength(1);
    expect(play.people).toEqual(['2 tracked', '1 tracked']);
  });

  it('changes nothing when people come apart as they were', () => {
    const play = acquainted()
      .show(5, ann, { ...bobLost, x: 210 })
      .show(20, ann, bob);

    expect(play.people).toEqual(['1 tracked', '2 tracked']);
    expect(play.names()).toContain('swap_suspected');
    expect(play.names()).not.toContain('swap_corrected');
  });

  it('shows somebody who comes out of hiding only when it is sure who it is', () => {
    const play = acquainted({}, 3).show(5, ann, { ...bobLost, x: 210 });

    play.show(1, ann, { ...bob, x: 500 });
    const held = play.people;
    play.show(4, ann, { ...bob, x: 500 });

    expect(held).toEqual(['1 tracked', '2 lost']);
    expect(play.people).toEqual(['1 tracked', '2 tracked']);
  });

  it('gives somebody who comes back on a new track the old identity', () => {
    const play = acquainted().show(60, ann).show(1, ann, { track: 3, who: 'bob', x: 1500 });

    expect(play.people).toEqual(['1 tracked', '2 tracked']);
    expect(play.events.at(-1)).toMatchObject({ name: 'reentry', trackId: 2, reasons: ['newcomer'] });
  });

  it('gives a stranger on the same spot a new identity, and the returning person the old one', () => {
    const play = acquainted()
      .show(12, ann, bobLost)
      .show(30, ann, { ...bob, who: 'eve' });
    const withStranger = play.people;

    play.show(12, ann, bobLost).show(30, ann, bob);

    expect(withStranger).toEqual(['1 tracked', '3 tracked']);
    expect(play.people).toEqual(['1 tracked', '2 tracked']);
    expect(play.names().filter((name) => name === 'new_identity')).toHaveLength(3);
  });

  it('holds a stranger back until a second look agrees', () => {
    const play = acquainted()
      .show(12, ann, bobLost)
      .show(1, ann, { ...bob, who: 'eve' });

    expect(play.people).toEqual(['1 tracked', '2 lost']);
    expect(play.show(1, ann, { ...bob, who: 'eve' }).people).toEqual(['1 tracked', '3 tracked']);
  });

  it('cares less about gaps the more of them were harmless', () => {
    const play = acquainted();
    const looks: number[] = [];
    for (let round = 0; round < 12; round += 1) {
      const before = play.asked.length;
      play.show(4, ann, bobLost).show(25, ann, bob);
      looks.push(play.asked.length - before);
    }

    expect(looks[0]).toBe(1);
    expect(looks.slice(-4).reduce((sum, count) => sum + count, 0)).toBeLessThan(4);
  });

  it('names somebody whom no look could settle after a while', () => {
    const tiny = { track: 5, who: 'eve', x: 1400, score: 0.9 };
    const play = acquainted({ maxActivationRatio: 0 }).show(60, ann);
    // Nothing may be spent on looks any more.
    for (let round = 0; round < 40; round += 1) play.show(1, ann, { ...bob, track: 100 + round, x: 900 });

    play.show(52, ann, tiny);

    expect(play.people).toContain('1 tracked');
    expect(play.people).toHaveLength(2);
  });

  it('finds out about a change that nothing gave away at the next fresh look', () => {
    const play = acquainted().show(220, { ...ann, who: 'eve' }, bob);

    expect(play.people).toEqual(['3 tracked', '2 tracked']);
  });

  it('looks again at somebody surely known when another one looks like them', () => {
    const play = acquainted().show(60, { ...ann, who: 'bob' });

    play.show(1, { ...ann, who: 'bob' }, { track: 3, who: 'ann', x: 1500 });

    expect(play.people).toEqual(['2 tracked', '1 tracked']);
    expect(play.names()).toContain('swap_suspected');
  });

  it('tries less and less often where no embedding can be made', () => {
    const play = new Play().show(250, { ...ann, who: 'blur' });

    expect(play.asked.length).toBeGreaterThan(8);
    expect(play.asked.length).toBeLessThan(20);
    expect(play.people).toEqual(['1 tracked']);
  });

  it('goes on under the identities it had where nothing can be made out', () => {
    const play = acquainted()
      .show(5, ann, { ...bobLost, x: 210 })
      .show(20, { ...ann, who: 'blur' }, { ...bob, who: 'blur' });

    expect(play.people).toEqual(['1 tracked', '2 tracked']);
  });

  it('looks at everybody in every set when told to, and at nobody when off', () => {
    expect(acquainted({ mode: 'always' }).asked).toHaveLength(100);
    expect(acquainted({ mode: 'off' }).asked).toHaveLength(0);
  });

  it('tells what it did not need to look at', () => {
    const play = acquainted().show(100, ann, bob);

    const skipped = play.events.filter(({ name }) => name === 'reid_skipped');

    expect(skipped).toHaveLength(1);
    expect(skipped[0]!.count).toBeGreaterThan(200);
    expect(play.keeper.counts).toMatchObject({ matched: 300, computed: 8, skipped: 292 });
  });

  it('leaves out what the tracker has not confirmed', () => {
    const play = acquainted();
    const track = { ...play.shown[0]!, id: 77, state: 'new' as const };

    expect(play.keeper.tracks([track])).toEqual([]);
  });

  it('lets identities of lost tracks be predicted', () => {
    const play = acquainted().show(1, annLost, bob);

    expect(play.people).toEqual(['1 lost', '2 tracked']);
  });
});
