import { describe, expect, it } from 'vitest';
import { Play } from './people.js';

const ann = { track: 1, who: 'ann', x: 200 };
const bob = { track: 2, who: 'bob', x: 900 };
const bobLost = { track: 2, x: 900 };
/** Both known, with galleries filled. */
const bothKnown = (options = {}, delayFrames = 0): Play => new Play(options, delayFrames).show(50, ann, bob);

describe('IdentityKeeper, in doubt', () => {
  it.each([
    { name: 'exchanged', left: 'bob', right: 'ann', people: ['2 tracked', '1 tracked'] },
    { name: 'not exchanged', left: 'ann', right: 'bob', people: ['1 tracked', '2 tracked'] },
  ])('opens everybody at a cut, and says so until faces were compared: $name', ({ left, right, people }) => {
    const play = bothKnown({}, 3).show(20, ann, bob);

    play.cut().show(1, { ...ann, who: left }, { ...bob, who: right });
    const { doubts } = play;
    play.show(4, { ...ann, who: left }, { ...bob, who: right });

    expect(doubts).toEqual(['1 cut', '2 cut']);
    expect(play.people).toEqual(people);
    expect(play.doubts).toEqual([]);
  });

  it('holds nobody who is not found again after a cut', () => {
    const play = bothKnown().cut().show(1, ann, bobLost);

    expect(play.people).toEqual(['1 tracked']);
  });

  it('compares somebody who is found a moment after a cut where they were before', () => {
    const play = bothKnown({}, 3)
      .cut()
      .show(1, ann, bobLost)
      .show(1, ann, { ...bob, who: 'eve' });

    expect(play.doubts).toContain('2 cut');
    expect(play.show(6, ann, { ...bob, who: 'eve' }).people).toEqual(['1 tracked', '3 tracked']);
  });

  it('shows nobody who comes back under the old identity before a look says so, or a second has passed', () => {
    const play = bothKnown().show(30, ann, bobLost);

    const early = play.show(24, ann, { ...bob, who: 'blur' }).people;
    const late = play.show(3, ann, { ...bob, who: 'blur' });

    expect(early).toEqual(['1 tracked', '2 lost']);
    expect(late.people).toEqual(['1 tracked', '2 tracked']);
    expect(late.doubts).toEqual([]);
  });

  it('tells of a suspicion once while people meet, and when it is over', () => {
    const play = bothKnown();
    for (let round = 0; round < 6; round += 1) {
      play.show(5, ann, { ...bobLost, x: 210 }).show(20, ann, bob);
    }
    play.show(60, ann, bob);

    expect(play.names().filter((name) => name === 'swap_suspected')).toHaveLength(1);
    expect(play.keeper.counts).toMatchObject({ swapsSuspected: 1 });
    const ended = play.events.find(({ name }) => name === 'suspicion_ended')!;
    expect(ended.trackIds).toContain(2);
    expect(ended.untilPtsMs! - ended.sincePtsMs!).toBeGreaterThan(5 * 25 * 40 - 1000);
  });

  it('makes nobody new of a known face that is half covered', () => {
    const play = bothKnown().show(12, ann, bobLost);

    play.show(40, ann, { ...bob, who: 'half bob', score: 0.6 });
    const withHand = play.people;
    play.show(10, ann, bob);

    expect(withHand).toHaveLength(2);
    expect(play.people).toEqual(['1 tracked', '2 tracked']);
    expect(play.names().filter((name) => name === 'new_identity')).toHaveLength(2);
  });

  it('makes one of two identities that turn out to be one person', () => {
    const play = bothKnown().show(60, ann);
    // On a new track nothing says that the face is half covered.
    play.show(30, ann, { track: 3, who: 'half bob', x: 1500 });
    const asNew = play.people;

    play.show(40, ann, { track: 3, who: 'bob', x: 1500 });

    expect(asNew).toEqual(['1 tracked', '3 tracked']);
    expect(play.people).toEqual(['1 tracked', '2 tracked']);
  });

  it('goes on under the older identity where a provisional one gets a known face, and tells who is gone', () => {
    const play = bothKnown().show(60, ann);
    play.show(55, ann, { track: 3, who: 'blur', x: 1500 });
    const asNew = play.people;

    play.show(40, ann, { track: 3, who: 'bob', x: 1500 });

    expect(asNew).toEqual(['1 tracked', '3 tracked']);
    expect(play.people).toEqual(['1 tracked', '2 tracked']);
    expect(play.events.find(({ name }) => name === 'identities_merged')).toMatchObject({
      trackId: 2,
      formerTrackId: 3,
    });
    expect(play.shown.find(({ id }) => id === 2)?.mergedIds).toEqual([3]);
  });
});
