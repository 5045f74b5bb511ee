import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { streamSchema } from '#src/shared/config/schema.js';
import type { Box } from '#src/shared/domain/box.js';
import type { DetectionSet } from '#src/shared/domain/detection.js';
import type { NativeFrame } from '#src/stream/native/types.js';
import { pipelineOptions, type ChainBackend } from '#src/stream/pipeline-options.js';
import { twoShot, type ComposedFrame } from '#src/stream/pipeline.js';
import { FrameSemaphore } from '#src/stream/stages/ingest/frame-semaphore.js';

const SOURCE = { width: 640, height: 360 };
const config = streamSchema.parse({
  source: { url: 'test:' },
  output: { ...SOURCE, fps: 30 },
  detect: { maxFps: 60 },
  slots: { labels: ['Ada', ''] },
});
const frame = (n: number): NativeFrame => ({
  handle: n,
  ptsMs: (n * 1000) / 30,
  ...SOURCE,
  memory: 'system',
  format: 'I420',
  arrivedMs: 0,
});
/** Where the person of frame n is detected; tracks are smoothed, so they lie elsewhere. */
const boxOf = (n: number): Box => ({ x: 100 + 20 * n, y: 100, width: 60, height: 80 });

interface WorldOptions {
  readonly failAt?: number;
  readonly uploads?: boolean;
  readonly people?: Partial<typeof config.people>;
}

/** A chain with a detector that finds one person and a painter that makes picture 1000 + n of frame n. */
function world(answers: 'later' | 'awaited', { failAt = Infinity, uploads = false, people = {} }: WorldOptions = {}) {
  const source = new Subject<NativeFrame>();
  const references = new Map<number, number>();
  const count = (handle: number, by: number): void => void references.set(handle, (references.get(handle) ?? 0) + by);
  const addon = {
    retain: (handle: number) => count(handle, 1),
    release: (handle: number) => count(handle, -1),
    nowMs: () => 0,
  };
  const hints: (readonly Box[])[] = [];
  const backend = {
    detector: {
      detect: async ({ handle, ptsMs }: NativeFrame, given: readonly Box[] = []): Promise<DetectionSet> => {
        hints.push(given);
        await Promise.resolve();
        if (handle % 100 === failAt) throw new Error('detector failed');
        return { ptsMs, detections: [{ box: boxOf(handle % 100), score: 0.9, kind: 'face' }] };
      },
    },
    painter: {
      paint: async ({ source: from }: { source: number }) => {
        await Promise.resolve();
        count(1000 + from, 1);
        return 1000 + from;
      },
      ...addon,
    },
    artwork: {
      plates: new Map([['Ada', { handle: 7, crop: { x: 0, y: 0, width: 90, height: 22 } }]]),
      slateSize: SOURCE,
    },
    toBackendMemory: (given: NativeFrame) => {
      if (!uploads) return undefined;
      addon.release(given.handle);
      count(given.handle + 100, 1);
      return Promise.resolve({ ...given, handle: given.handle + 100 });
    },
  } as unknown as ChainBackend;
  const semaphore = new FrameSemaphore({ maxFrames: 3, release: addon.release });
  const options = pipelineOptions({
    ...{
      config: { ...config, people: { ...config.people, ...people } },
      backend,
      addon: {
        ...addon,
        lumaSketch: () => new Uint8Array(0),
        lumaMeans: () => new Uint8Array(0),
        frameInfo: () => frame(1),
      },
    },
    pace: answers === 'later' ? { answers } : { answers, semaphore },
  });
  const out: ComposedFrame[] = [];
  const ends: unknown[] = [];
  const subscription = twoShot(source, options).subscribe({
    next: (composed) => {
      out.push(composed);
      addon.release(composed.picture);
    },
    error: (error: unknown) => ends.push((error as Error).message),
    complete: () => ends.push('complete'),
  });
  const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2));
  const feed = async (from: number, to: number): Promise<void> => {
    for (let n = from; n <= to; n += 1) {
      count(n, 1);
      source.next(frame(n));
      await settle();
    }
  };
  const leaked = (): number[] => [...references].flatMap(([handle, left]) => (left === 0 ? [] : [handle]));
  return { source, out, ends, hints, options, subscription, settle, feed, leaked };
}

describe('twoShot', () => {
  it('tells the detector where tracks are, beside a live source', async () => {
    const { feed, hints, out, subscription } = world('later');

    await feed(1, 8);
    subscription.unsubscribe();

    // What was found in frame n rides on frame n + 1, which is given to the detector before.
    const tracksOf = (n: number): readonly Box[] =>
      out
        .find(({ sourceFrame, isNew }) => isNew && sourceFrame?.handle === n)!
        .sourceFrame!.tracks.map(({ box }) => box);
    expect(hints.at(-1)).toEqual(tracksOf(7));
    expect(hints.at(-1)).not.toEqual([boxOf(6)]);
  });

  it.each([
    { people: {}, slots: [1, undefined] },
    { people: { leaveOut: [1] }, slots: [undefined, undefined] },
    { people: { names: ['Ben'], leaveOut: ['Ben'] }, slots: [undefined, undefined] },
    { people: { names: ['Ben'], leaveOut: ['Anna'] }, slots: [1, undefined] },
  ])('gives no tile to who is left out: $people', async ({ people, slots }) => {
    const { feed, out, source, settle } = world('awaited', { people });

    // Names are given after a second.
    await feed(1, 75);
    source.complete();
    await settle();

    expect(out.at(-1)!.sourceFrame!.slots).toEqual(slots);
  });

  it('tells it where people were detected before, where answers are awaited', async () => {
    const { feed, hints, source, settle, ends } = world('awaited');

    await feed(1, 8);
    source.complete();
    await settle();

    expect(hints).toEqual([[], ...[1, 2, 3, 4, 5, 6, 7].map((n) => [boxOf(n)])]);
    expect(ends).toEqual(['complete']);
  });

  it.each([
    { answers: 'later', uploads: false },
    { answers: 'later', uploads: true },
    { answers: 'awaited', uploads: false },
    { answers: 'awaited', uploads: true },
  ] as const)('paints every frame once and leaves none behind ($answers, uploads: $uploads)', async (given) => {
    const { feed, source, settle, out, leaked } = world(given.answers, given);

    await feed(1, 8);
    source.complete();
    await settle();

    expect(out.filter(({ isNew }) => isNew)).toHaveLength(8);
    expect(leaked()).toEqual([]);
  });

  it.each([
    { answers: 'later', uploads: false },
    { answers: 'awaited', uploads: false },
    { answers: 'awaited', uploads: true },
  ] as const)(
    'releases what is on its way when it fails ($answers, uploads: $uploads)',
    async ({ answers, uploads }) => {
      const { feed, settle, ends, leaked } = world(answers, { failAt: 4, uploads });

      await feed(1, 4);
      await settle();

      expect(ends).toEqual(['detector failed']);
      expect(leaked()).toEqual([]);
    },
  );

  it.each(['later', 'awaited'] as const)('releases what is on its way when nobody listens (%s)', async (answers) => {
    const { feed, source, settle, subscription, leaked } = world(answers, { uploads: true });
    await feed(1, 4);

    subscription.unsubscribe();
    await settle();

    expect(source.observed).toBe(false);
    expect(leaked()).toEqual([]);
  });
});

describe('pipelineOptions', () => {
  it.each(['later', 'awaited'] as const)('knows the name plates that the backend paints (%s)', (answers) => {
    const { options } = world(answers);

    expect(options.layout.plates?.get('Ada')?.crop).toEqual({ x: 0, y: 0, width: 90, height: 22 });
    expect(options.slate).toEqual(SOURCE);
  });

  it('follows the tracker alone where there is no embedder', () => {
    const { options } = world('later');

    expect(options.track.association).toBe('published');
    expect(options.identify).toBeUndefined();
  });
});
