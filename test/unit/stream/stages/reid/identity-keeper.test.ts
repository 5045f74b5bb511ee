import { describe, expect, it } from 'vitest';
import { Play } from './people.js';

const ann = { track: 1, who: 'ann', x: 200 };
const bob = { track: 2, who: 'bob', x: 900 };
const annLost = { track: 1, x: 200 };
const bobLost = { track: 2, x: 900 };
/** Both known, with galleries filled. */
const bothKnown = (options = {}, delayFrames = 0): Play => new Play(options, delayFrames).show(50, ann, bob);

describe('IdentityKeeper', () => {
  it('names the first people at once, from 1', () => {
    const play = new Play().show(1, { ...ann, track: 7 }, { ...bob, track: 9 });

    expect(play.people).toEqual(['1 tracked', '2 tracked']);
    expect(play.names()).toEqual(['new_identity', 'new_identity']);
  });

  it('asks for a few embeddings at first, and then looks at calm people every two seconds', () => {
    const play = bothKnown().show(5, ann, bob);
    const atFirst = play.asked.length;

    play.show(150, ann, bob);

    expect(atFirst).toBe(10);
    expect(play.asked).toHaveLength(atFirst + 6);
  });

  it.each([
    { name: 'two exchanged by a cut', frames: 32, left: 'bob', right: 'ann', people: ['2 tracked', '1 tracked'] },
    { name: 'a stranger', frames: 53, left: 'eve', right: 'bob', people: ['3 tracked', '2 tracked'] },
  ])('notices who came without a missed frame: $name', ({ frames, left, right, people }) => {
    const play = bothKnown().show(60, ann, bob);

    play.show(frames, { ...ann, who: left }, { ...bob, who: right });

    expect(play.people).toEqual(people);
  });

  it('corrects a swap as soon as both are seen again', () => {
    const play = bothKnown().show(5, ann, { ...bobLost, x: 210 });

    play.show(1, { track: 1, who: 'bob', x: 200 }, { track: 2, who: 'ann', x: 500 });

    expect(play.people).toEqual(['2 tracked', '1 tracked']);
    expect(play.names()).toContain('swap_corrected');
    expect(play.keeper.counts).toMatchObject({ swapsCorrected: 1 });
    const correction = play.events.find(({ name }) => name === 'swap_corrected')!;
    expect(correction.reasons).toContain('shadow');
    expect(Object.keys(correction.distances!)).toEqual(['1', '2']);
  });

  it('corrects a swap once', () => {
    const play = bothKnown().show(5, ann, { ...bobLost, x: 210 });
    play.show(100, { track: 1, who: 'bob', x: 200 }, { track: 2, who: 'ann', x: 500 });

    expect(play.names().filter((name) => name === 'swap_corrected')).toHaveLength(1);
    expect(play.people).toEqual(['2 tracked', '1 tracked']);
  });

  it('changes nothing when people separate without a swap', () => {
    const play = bothKnown()
      .show(5, ann, { ...bobLost, x: 210 })
      .show(20, ann, bob);

    expect(play.people).toEqual(['1 tracked', '2 tracked']);
    expect(play.names()).toContain('swap_suspected');
    expect(play.names()).not.toContain('swap_corrected');
  });

  it('holds a person back who comes from behind an occluder until the identity is sure', () => {
    const play = bothKnown({}, 3).show(5, ann, { ...bobLost, x: 210 });

    play.show(1, ann, { ...bob, x: 500 });
    const held = play.people;
    play.show(4, ann, { ...bob, x: 500 });

    expect(held).toEqual(['1 tracked', '2 lost']);
    expect(play.people).toEqual(['1 tracked', '2 tracked']);
  });

  it('gives a person who comes back on a new track the old identity', () => {
    const play = bothKnown().show(60, ann).show(1, ann, { track: 3, who: 'bob', x: 1500 });

    expect(play.people).toEqual(['1 tracked', '2 tracked']);
    expect(play.events.at(-1)).toMatchObject({ name: 'reentry', trackId: 2, reasons: ['newcomer'] });
    expect(play.shown.map(({ id, isRecognised }) => [id, isRecognised])).toEqual([
      [1, undefined],
      [2, true],
    ]);
  });

  it('gives a stranger in the same position a new identity, and the returning person the old one', () => {
    const play = bothKnown()
      .show(12, ann, bobLost)
      .show(30, ann, { ...bob, who: 'eve' });
    const withStranger = play.people;

    play.show(12, ann, bobLost).show(30, ann, bob);

    expect(withStranger).toEqual(['1 tracked', '3 tracked']);
    expect(play.people).toEqual(['1 tracked', '2 tracked']);
    expect(play.names().filter((name) => name === 'new_identity')).toHaveLength(3);
  });

  it('holds a stranger back until a second sample agrees', () => {
    const play = bothKnown()
      .show(12, ann, bobLost)
      .show(1, ann, { ...bob, who: 'eve' });

    expect(play.people).toEqual(['1 tracked', '2 lost']);
    expect(play.show(1, ann, { ...bob, who: 'eve' }).people).toEqual(['1 tracked', '3 tracked']);
  });

  it('asks for fewer embeddings after gaps the more of them were harmless', () => {
    const play = bothKnown();
    const askedOfBob = (): number => play.asked.filter(({ trackId }) => trackId === bob.track).length;
    const requests: number[] = [];
    for (let round = 0; round < 12; round += 1) {
      const before = askedOfBob();
      play.show(4, ann, bobLost).show(25, ann, bob);
      requests.push(askedOfBob() - before);
    }

    expect(requests[0]).toBe(1);
    expect(requests.slice(-4).reduce((sum, count) => sum + count, 0)).toBeLessThan(4);
  });

  it('gives a person of whom there is no embedding an identity after a while', () => {
    const tiny = { track: 5, who: 'eve', x: 1400, score: 0.9 };
    const play = bothKnown({ looksPerS: 0 }).show(60, ann);
    // The budget is spent.
    for (let round = 0; round < 40; round += 1) play.show(1, ann, { ...bob, track: 100 + round, x: 900 });

    play.show(52, ann, tiny);

    expect(play.people).toContain('1 tracked');
    expect(play.people).toHaveLength(2);
  });

  it('finds a swap without any sign of risk when the gallery is refreshed', () => {
    const play = bothKnown().show(220, { ...ann, who: 'eve' }, bob);

    expect(play.people).toEqual(['3 tracked', '2 tracked']);
  });

  it('compares a confirmed person again when another one is similar', () => {
    const play = bothKnown().show(60, { ...ann, who: 'bob' });

    play.show(1, { ...ann, who: 'bob' }, { track: 3, who: 'ann', x: 1500 });

    expect(play.people).toEqual(['2 tracked', '1 tracked']);
    expect(play.names()).toContain('swap_suspected');
  });

  it('asks less often where no embedding can be made', () => {
    const play = new Play().show(250, { ...ann, who: 'blur' });

    expect(play.asked.length).toBeGreaterThan(8);
    expect(play.asked.length).toBeLessThan(20);
    expect(play.people).toEqual(['1 tracked']);
  });

  it('keeps the identities where no embedding can be made', () => {
    const play = bothKnown()
      .show(5, ann, { ...bobLost, x: 210 })
      .show(30, { ...ann, who: 'blur' }, { ...bob, who: 'blur' });

    expect(play.people).toEqual(['1 tracked', '2 tracked']);
  });

  it('asks for all embeddings in mode always, and for none in mode off', () => {
    expect(bothKnown({ mode: 'always' }).asked).toHaveLength(100);
    expect(bothKnown({ mode: 'off' }).asked).toHaveLength(0);
  });

  it('reports detections without an embedding', () => {
    const play = bothKnown().show(100, ann, bob);

    const skipped = play.events.filter(({ name }) => name === 'reid_skipped');

    expect(skipped).toHaveLength(1);
    expect(skipped[0]!.count).toBeGreaterThan(200);
    expect(play.keeper.counts).toMatchObject({ matched: 300, computed: 13, skipped: 287 });
  });

  it('leaves out tracks that the tracker has not confirmed', () => {
    const play = bothKnown();
    const track = { ...play.shown[0]!, id: 77, state: 'new' as const };

    expect(play.keeper.tracks([track])).toEqual([]);
  });

  it('keeps the identities of lost tracks', () => {
    const play = bothKnown().show(1, annLost, bob);

    expect(play.people).toEqual(['1 lost', '2 tracked']);
  });

  it('knows those whom the run before knew, under their numbers, and gives others new ones', () => {
    const before = bothKnown().keeper.memory;
    const play = new Play({ before });

    play.show(
      20,
      { track: 1, who: 'bob', x: 200 },
      { track: 2, who: 'ann', x: 900 },
      { track: 3, who: 'cat', x: 1500 },
    );

    expect(play.people).toEqual(['2 tracked', '1 tracked', '3 tracked']);
    expect(play.names().filter((name) => name === 'reentry')).toHaveLength(2);
  });

  it('uses no number of the run before again', () => {
    const play = new Play({ before: { nextTrackId: 8, people: [] } }).show(1, ann);

    expect(play.people).toEqual(['8 tracked']);
  });
});
