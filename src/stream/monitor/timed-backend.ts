import type { VisionBackend } from '../backend/vision-backend.js';

/** What a stream asks of its backend for every frame. */
type FrameCalls = Pick<VisionBackend, 'detector' | 'embedder' | 'painter' | 'artwork' | 'toBackendMemory'>;

/** The calls of a backend that take time. */
export type TimedStage = 'detect' | 'reid' | 'compose';

/** A call that was answered; one that failed is not told. */
export interface TimedCall {
  /** What was asked for. */
  readonly stage: TimedStage;
  /** When it was asked, ms on the clock that was given. */
  readonly begunMs: number;
  /** When the answer was there, on the same clock. */
  readonly endedMs: number;
}

/**
 * The same backend, whose calls are timed from request to answer, waiting for earlier ones included.
 *
 * @param onCall - called for every call that was answered, before its caller goes on
 * @param nowMs - any clock that does not go back. @defaultValue `performance.now`
 */
export function timedBackend(
  backend: FrameCalls,
  onCall: (call: TimedCall) => void,
  nowMs: () => number = () => performance.now(),
): FrameCalls {
  const { detector, embedder, painter } = backend;
  const timed = async <T>(stage: TimedStage, work: () => Promise<T>): Promise<T> => {
    const begunMs = nowMs();
    const answer = await work();
    onCall({ stage, begunMs, endedMs: nowMs() });
    return answer;
  };
  return {
    detector: {
      model: detector.model,
      reason: detector.reason,
      isThrifty: detector.isThrifty,
      close: () => detector.close(),
      detect: (frame, hints) => timed('detect', () => detector.detect(frame, hints)),
    },
    ...(embedder && {
      embedder: {
        model: embedder.model,
        metric: embedder.metric,
        close: () => embedder.close(),
        embed: (requests, picture) => timed('reid', () => embedder.embed(requests, picture)),
      },
    }),
    painter: {
      paint: (frame) => timed('compose', () => painter.paint(frame)),
      retain: (picture) => painter.retain(picture),
      release: (picture) => painter.release(picture),
    },
    artwork: backend.artwork,
    toBackendMemory: (frame) => backend.toBackendMemory(frame),
  };
}
