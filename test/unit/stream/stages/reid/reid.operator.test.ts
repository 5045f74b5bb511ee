import { concatMap, delay, from, lastValueFrom, of, tap, toArray } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import type { Embedder, EmbeddingRequest, EmbeddingResult } from '#src/stream/domain/embedding.js';
import { seededRandom } from '#src/shared/random.js';
import type { Track } from '#src/shared/domain/track.js';
import { identifyEvery, identify, type TrackedFrame } from '#src/stream/stages/reid/reid.operator.js';

const box = { x: 100, y: 100, width: 100, height: 125 };
const frameAt = (frame: number, trackId: number): TrackedFrame => {
  const ptsMs = 40 * frame;
  const track: Track = {
    id: trackId,
    state: 'tracked',
    box,
    score: 0.9,
    kind: 'face',
    bornPtsMs: 0,
    seenPtsMs: ptsMs,
    detectionIndex: 0,
  };
  return { ptsMs, detections: { ptsMs, detections: [{ box, score: 0.9, kind: 'face' }] }, tracks: [track] };
};
const answers = (requests: readonly EmbeddingRequest[]): EmbeddingResult[] =>
  requests.map((request) => ({ ...request, embedding: Float32Array.of(1, 0) }));
const blurred = (requests: readonly EmbeddingRequest[]): EmbeddingResult[] =>
  requests.map((request) => ({ ...request, embedding: undefined }));
/** One person, who gets a new track after 30 frames and two without a detection. */
const frames: readonly TrackedFrame[] = [
  ...Array.from({ length: 30 }, (_, frame) => frameAt(frame, 4)),
  { ptsMs: 40 * 30, tracks: [] },
  { ptsMs: 40 * 31, detections: { ptsMs: 40 * 31, detections: [] }, tracks: [] },
  ...Array.from({ length: 10 }, (_, frame) => frameAt(32 + frame, 5)),
];
const paced = () => from(frames).pipe(concatMap((frame) => of(frame).pipe(delay(0))));

const late: Embedder<TrackedFrame> = {
  metric: 'cosine',
  embed: (requests) => new Promise((resolve) => setTimeout(() => resolve(answers(requests)), 1)),
};
const failure = new Error('no model');
const failing: Embedder<TrackedFrame> = { metric: 'cosine', embed: () => Promise.reject(failure) };

describe('identify', () => {
  it('does not wait for embeddings, and uses them when they are there', async () => {
    const onIdentities = vi.fn();

    const out = await lastValueFrom(paced().pipe(identify({ embedder: late, onIdentities }), toArray()));

    expect(out.map(({ ptsMs }) => ptsMs)).toEqual(frames.map(({ ptsMs }) => ptsMs));
    expect(out[0]!.tracks).toMatchObject([{ id: 1, state: 'tracked' }]);
    expect(out[32]!.tracks).toEqual([]);
    expect(out.at(-1)!.tracks).toMatchObject([{ id: 1, state: 'tracked' }]);
    expect(onIdentities).toHaveBeenCalledTimes(frames.length - 1);
  });

  it('goes on when an embedding fails, and reports it', async () => {
    const onError = vi.fn();

    const out = await lastValueFrom(paced().pipe(identify({ embedder: failing, onError }), toArray()));

    expect(out).toHaveLength(frames.length);
    expect(onError).toHaveBeenCalledWith(failure);
  });
});

describe('a cut', () => {
  const patches = (seed: number) => {
    const random = seededRandom(seed);
    const levels = Array.from({ length: 27 * 15 }, () => 255 * random());
    const at = (i: number): number => levels[Math.floor(i / 960) * 27 + Math.floor((i % 160) / 6)]!;
    return { columns: 160, luma: Uint8Array.from({ length: 160 * 90 }, (_, i) => at(i)) };
  };
  const shots = [patches(1), patches(2)] as const;
  const sketch = ({ ptsMs }: TrackedFrame) => shots[ptsMs < 40 * 20 ? 0 : 1];

  it.each([
    { name: 'live', operator: identify },
    { name: 'over a file', operator: identifyEvery },
  ])('is seen in the small pictures of the frames that people were found in: $name', async ({ operator }) => {
    const never: Embedder<TrackedFrame> = { metric: 'cosine', embed: (requests) => Promise.resolve(blurred(requests)) };
    const onePerson = Array.from({ length: 24 }, (_, frame) => frameAt(frame, 4));
    const embedder = { metric: 'cosine', embed: answers } as const;
    const seen = Array<string | undefined>();

    await lastValueFrom(
      from(onePerson).pipe(
        concatMap((frame) => of(frame).pipe(delay(0))),
        operator({
          embedder: { ...embedder, embed: (r, f) => (f.ptsMs < 800 ? answers(r) : never.embed(r, f)) },
          sketch,
        }),
        tap(({ tracks }) => seen.push(tracks[0]?.doubt)),
      ),
    );

    expect(seen.indexOf('cut')).toBe(20);
    expect(seen.at(-1)).toBe('cut');
  });
});

describe('identifyEvery', () => {
  it.each([
    { name: 'embeddings at once', embedder: { metric: 'cosine', embed: answers } as const },
    { name: 'embeddings that take time', embedder: late },
  ])('waits for embeddings before a frame goes on: $name', async ({ embedder }) => {
    const out = await lastValueFrom(from(frames).pipe(identifyEvery({ embedder }), toArray()));

    expect(out.map(({ tracks }) => tracks.map(({ id }) => id).join())).toEqual([
      ...Array.from({ length: 30 }, () => '1'),
      '',
      '',
      ...Array.from({ length: 10 }, () => '1'),
    ]);
  });

  it('errors where an embedding fails', async () => {
    const run = lastValueFrom(from(frames).pipe(identifyEvery({ embedder: failing })));

    await expect(run).rejects.toBe(failure);
  });
});
