import { describe, expect, it } from 'vitest';
import { KeyframePacer } from '#src/stream/stages/encode/keyframe-pacer.js';

const FPS = 30;
const GOP_FRAMES = 60;
const GOP_MS = 2000;
const frameMs = (index: number): number => (index * 1000) / FPS;

interface Encoding {
  readonly seconds: number;
  /** When viewers ask, ms. */
  readonly requestsMs?: readonly number[];
  readonly minDistanceMs?: number;
  /** Every so many pictures of the output are encoded. */
  readonly every?: number;
  /** Pictures that the encoder holds. */
  readonly held?: number;
  /** Pictures that are keyframes because somebody else asked the encoder. */
  readonly askedElsewhere?: readonly number[];
}

/** An encoder with a keyframe at its beginning and where it is told; gives the PTS of all its keyframes, ms. */
function encode({
  seconds,
  requestsMs = [],
  minDistanceMs = GOP_MS / 2,
  every = 1,
  held = 0,
  askedElsewhere = [],
}: Encoding): number[] {
  const pacer = new KeyframePacer(GOP_FRAMES, FPS);
  const pictures: { readonly ptsMs: number; readonly isKeyframe: boolean }[] = [];
  let asked = 0;
  for (let index = 0; index < seconds * FPS; index += every) {
    const ptsMs = frameMs(index);
    for (; (requestsMs[asked] ?? Number.POSITIVE_INFINITY) <= ptsMs; asked++) pacer.request(minDistanceMs);
    const isKeyframe = pacer.isDue(ptsMs) || index === 0 || askedElsewhere.includes(index);
    pictures.push({ ptsMs, isKeyframe });
    const given = pictures.slice(0, Math.max(0, pictures.length - held));
    pacer.observe(given.filter((picture) => picture.isKeyframe).length, given.at(-1)?.ptsMs);
  }
  return pictures.filter(({ isKeyframe }) => isKeyframe).map(({ ptsMs }) => Math.round(ptsMs));
}

const distances = (timesMs: readonly number[]): number[] =>
  timesMs.slice(1).map((timeMs, index) => timeMs - (timesMs[index] ?? 0));

describe('KeyframePacer', () => {
  it.each([
    ['with every picture', {}],
    ['with an encoder that holds pictures', { held: 3 }],
    ['with a third of the pictures, on a busy machine', { every: 3 }],
  ])('makes one keyframe each group, %s', (_name, encoding) => {
    expect(distances(encode({ seconds: 10, ...encoding }))).toEqual([2000, 2000, 2000, 2000]);
  });

  it.each([
    ['late in a group: at once', 1500, 1500],
    ['in its second half: at once', 1040, 1067],
    ['early in a group: at half of it', 300, 1000],
  ])('grants a request %s', (_name, atMs, expectedMs) => {
    expect(encode({ seconds: 5, requestsMs: [atMs] })).toEqual([0, expectedMs, expectedMs + GOP_MS]);
  });

  it('keeps keyframes half a group apart, however many ask', () => {
    const requestsMs = Array.from({ length: 200 }, (_, index) => (index * 7919) % 60_000).sort((a, b) => a - b);

    const apartMs = distances(encode({ seconds: 60, requestsMs, held: 2 }));

    expect(Math.min(...apartMs)).toBeGreaterThanOrEqual(GOP_MS / 2);
    expect(Math.max(...apartMs)).toBeLessThanOrEqual(GOP_MS);
  });

  it('grants at once what may be close', () => {
    expect(encode({ seconds: 3, requestsMs: [400], minDistanceMs: 0 })).toEqual([0, 400, 2400]);
  });

  it('counts from a keyframe that somebody else asked the encoder for', () => {
    expect(encode({ seconds: 4, requestsMs: [1500], askedElsewhere: [42] })).toEqual([0, 1400, 2400]);
  });

  it('goes on with another encoder', () => {
    const pacer = new KeyframePacer(GOP_FRAMES, FPS);
    expect(pacer.isDue(0)).toBe(true);
    pacer.observe(7, 0);

    pacer.restart();
    pacer.observe(1, 1500);
    pacer.request(1000);

    expect([2000, 2467, 2500].map((ptsMs) => pacer.isDue(ptsMs))).toEqual([false, false, true]);
  });
});
