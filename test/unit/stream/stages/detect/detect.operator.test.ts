import { firstValueFrom, from, lastValueFrom, of, Subject, throwError, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Box } from '#src/shared/domain/box.js';
import type { DetectionSet } from '#src/shared/domain/detection.js';
import type { Frame } from '#src/shared/domain/frame.js';
import {
  detectEvery,
  detectLatest,
  type Detected,
  type DetectOptions,
} from '#src/stream/stages/detect/detect.operator.js';
import type { Detector } from '#src/stream/stages/detect/detector.js';

type Detects = Pick<Detector, 'detect'>;

const frame = (ptsMs: number): Frame => ({
  handle: ptsMs + 1,
  ptsMs,
  width: 1920,
  height: 1080,
  format: 'I420',
  memory: 'system',
});

/** A detector that answers on request. */
class ManualDetector implements Detects {
  readonly calls: { ptsMs: number; hints: readonly Box[] | undefined }[] = [];
  #resolve: (found: DetectionSet) => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;

  detect({ ptsMs }: Pick<Frame, 'ptsMs'>, hints?: readonly Box[]): Promise<DetectionSet> {
    this.calls.push({ ptsMs, hints });
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  async finish(): Promise<void> {
    this.#resolve({ ptsMs: this.calls.at(-1)?.ptsMs ?? 0, detections: [] });
    await Promise.resolve();
  }

  async break(): Promise<void> {
    this.#reject(new Error('no model'));
    await Promise.resolve();
    await Promise.resolve();
  }
}

function live(options: DetectOptions = { maxFps: 1000 }) {
  const detector = new ManualDetector();
  const frames = new Subject<Frame>();
  const passed: Detected<Frame>[] = [];
  const errors: unknown[] = [];
  const subscription = frames.pipe(detectLatest(detector, options)).subscribe({
    next: (each) => passed.push(each),
    error: (error) => errors.push(error),
  });
  return { detector, frames, passed, errors, subscription };
}

describe('detectLatest', () => {
  it('passes every frame at once, whatever the detector does', () => {
    const { frames, passed } = live();

    for (const ptsMs of [0, 33, 67]) {
      frames.next(frame(ptsMs));
      expect(passed.at(-1)).toEqual(frame(ptsMs));
    }
  });

  it('detects one frame at a time and leaves out those in between', async () => {
    const { detector, frames } = live();

    frames.next(frame(0));
    frames.next(frame(33));
    await detector.finish();
    frames.next(frame(67));

    expect(detector.calls.map(({ ptsMs }) => ptsMs)).toEqual([0, 67]);
  });

  it('adds a result to the next frame only, under its own PTS', async () => {
    const { detector, frames, passed } = live();

    frames.next(frame(0));
    frames.next(frame(33));
    await detector.finish();
    frames.next(frame(67));
    frames.next(frame(100));

    expect(passed.map(({ detections }) => detections?.ptsMs)).toEqual([undefined, undefined, 0, undefined]);
  });

  it('keeps to maxFps by PTS', async () => {
    const { detector, frames } = live({ maxFps: 10 });

    for (const ptsMs of [0, 33, 67, 100, 133, 167, 200]) {
      frames.next(frame(ptsMs));
      await detector.finish();
    }

    expect(detector.calls.map(({ ptsMs }) => ptsMs)).toEqual([0, 100, 200]);
  });

  it('hands over the hints of the moment', async () => {
    let hints: readonly Box[] = [];
    const { detector, frames } = live({ maxFps: 1000, hints: () => hints });

    frames.next(frame(0));
    await detector.finish();
    hints = [{ x: 1, y: 2, width: 3, height: 4 }];
    frames.next(frame(33));

    expect(detector.calls.map((call) => call.hints)).toEqual([[], hints]);
  });

  it('errors when the detector fails', async () => {
    const { detector, frames, errors } = live();

    frames.next(frame(0));
    await detector.break();

    expect(errors).toEqual([new Error('no model')]);
  });

  it('says nothing after the end of the subscription', async () => {
    const { detector, frames, passed, errors, subscription } = live();

    frames.next(frame(0));
    subscription.unsubscribe();
    await detector.break();

    expect([passed.length, errors.length, frames.observed]).toEqual([1, 0, false]);
  });

  it.each([
    ['completion', of(frame(0)), 'done'],
    ['error', throwError(() => new Error('source')), 'source'],
  ])('passes on the %s of the source', async (_, source, expected) => {
    const outcome = await lastValueFrom(source.pipe(detectLatest(new ManualDetector(), { maxFps: 15 }))).then(
      () => 'done',
      (error: unknown) => (error as Error).message,
    );

    expect(outcome).toBe(expected);
  });

  it('keeps no state between subscriptions', () => {
    const detector = new ManualDetector();
    const operator = detectLatest(detector, { maxFps: 15 });

    of(frame(0)).pipe(operator).subscribe();
    of(frame(0)).pipe(operator).subscribe();

    expect(detector.calls).toHaveLength(2);
  });
});

describe('detectLatest with frames to keep', () => {
  function kept() {
    const references = new Map<number, number>();
    const change = (handle: number, by: number): void => {
      references.set(handle, (references.get(handle) ?? 0) + by);
    };
    const frames = { retain: (handle: number) => change(handle, 1), release: (handle: number) => change(handle, -1) };
    return { ...live({ maxFps: 1000, frames }), references };
  }

  it('hands on the picture that was detected in, alive while its detections pass', async () => {
    const { detector, frames, passed, references } = kept();
    frames.next(frame(0));
    const whileDetecting = references.get(1);

    await detector.finish();
    frames.next(frame(33));

    expect(whileDetecting).toBe(1);
    expect(passed[1]?.detectedIn).toEqual({ handle: 1, width: 1920, height: 1080 });
    expect(references.get(1)).toBe(0);
  });

  it.each([
    { name: 'while it is detected on', isFinishedBefore: false },
    { name: 'before another frame passes', isFinishedBefore: true },
  ])('releases it when the stream ends $name', async ({ isFinishedBefore }) => {
    const { detector, frames, subscription, references } = kept();
    frames.next(frame(0));

    if (isFinishedBefore) await detector.finish();
    subscription.unsubscribe();
    if (!isFinishedBefore) await detector.finish();

    expect(references.get(1)).toBe(0);
  });

  it('releases it when detection fails', async () => {
    const { detector, frames, references } = kept();
    frames.next(frame(0));

    await detector.break();

    expect(references.get(1)).toBe(0);
  });
});

describe('detectEvery', () => {
  const instant: Detects = { detect: ({ ptsMs }) => Promise.resolve({ ptsMs, detections: [] }) };

  it('adds the result to its own frame, for frames that are due', async () => {
    const source = from([0, 33, 67, 100, 133].map(frame));

    const passed = await firstValueFrom(source.pipe(detectEvery(instant, { maxFps: 15 }), toArray()));

    expect(passed.map(({ ptsMs, detections }) => [ptsMs, detections?.ptsMs])).toEqual([
      [0, 0],
      [33, undefined],
      [67, 67],
      [100, undefined],
      [133, 133],
    ]);
  });

  it('waits, one at a time, order kept', async () => {
    const detector = new ManualDetector();
    const passed: number[] = [];
    from([0, 100, 200].map(frame))
      .pipe(detectEvery(detector, { maxFps: 10, hints: () => [] }))
      .subscribe(({ ptsMs }) => passed.push(ptsMs));

    expect([detector.calls.length, passed.length]).toEqual([1, 0]);
    for (let i = 0; i < 3; i++) {
      await detector.finish();
      await new Promise(setImmediate);
    }

    expect(passed).toEqual([0, 100, 200]);
    expect(detector.calls.map(({ hints }) => hints)).toEqual([[], [], []]);
  });

  it('errors when the detector fails', async () => {
    const broken: Detects = { detect: () => Promise.reject(new Error('no model')) };

    await expect(lastValueFrom(of(frame(0)).pipe(detectEvery(broken, { maxFps: 15 })))).rejects.toThrow('no model');
  });
});
