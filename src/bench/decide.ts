import { Subject } from 'rxjs';
import { streamSchema } from '../shared/config/schema.js';
import type { Detection } from '../shared/domain/detection.js';
import type { NativeFrame } from '../stream/native/types.js';
import { pipelineOptions, type ChainBackend, type ChainParts } from '../stream/pipeline-options.js';
import { twoShot } from '../stream/pipeline.js';
import { NativePainter } from '../stream/stages/compose/native-painter.adapter.js';
import { LiveConfig } from '../stream/supervision/live-config.js';

const FPS = 30;
const SIZE = { width: 1920, height: 1080 };
/** Between two frames: answers come before the next one. */
const TURNS = 8;

/** The chain of a live stream, from a decoded frame to the plan of the composed picture, and nothing else. */
export interface DecideBench {
  /** Composed frames so far. */
  readonly composed: number;
  /** Sends so many frames through it. @throws what the chain fails with */
  run(frames: number): Promise<void>;
  /** Ends the chain. */
  end(): void;
}

/**
 * What the main thread of a stream process does, with networks, decoder and painter that answer at once. Two people
 * move about, detected with landmarks as often as the chain asks, and looked at as identities ask for it.
 */
export function benchDecide(): DecideBench {
  const source = new Subject<NativeFrame>();
  const live = new LiveConfig(
    streamSchema.parse({ source: { url: 'test:' }, output: { ...SIZE, fps: FPS }, slots: { labels: ['Ada', 'Ben'] } }),
  );
  let composed = 0;
  let frame = 0;
  let failure: unknown;
  const ptsMs = (): number => (frame * 1000) / FPS;
  const addon = addonOf(ptsMs);
  const options = pipelineOptions({
    config: live.view,
    backend: backendOf(addon),
    addon,
    pace: { answers: 'later' },
  });
  const subscription = twoShot(source, options).subscribe({
    next: () => (composed += 1),
    error: (error: unknown) => (failure = error),
  });
  return {
    get composed() {
      return composed;
    },
    async run(frames) {
      for (let i = 0; i < frames; i += 1) {
        frame += 1;
        source.next({ handle: frame, ptsMs: ptsMs(), ...SIZE, memory: 'cuda', format: 'NV12', arrivedMs: 0 });
        for (let turn = 0; turn < TURNS; turn += 1) await Promise.resolve();
        if (failure !== undefined) throw failure as Error;
      }
    },
    end: () => subscription.unsubscribe(),
  };
}

/** Person `who` at `ptsMs`: a face of 160 px that wanders over its half of the picture. */
function faceOf(who: number, ptsMs: number): Detection {
  const t = ptsMs / 1000 + who * 1.7;
  const x = 400 + who * 900 + 120 * Math.sin(t * 0.7);
  const y = 300 + 40 * Math.sin(t * 1.1);
  const points = [
    [50, 60],
    [110, 60],
    [80, 95],
    [55, 125],
    [105, 125],
  ] as const;
  return {
    box: { x, y, width: 160, height: 170 },
    score: 0.9,
    kind: 'face',
    landmarks: points.map(([dx, dy]) => ({ x: x + dx, y: y + dy })),
  };
}

/** A unit vector of 128 numbers, another one for each person. */
function embeddingOf(who: number): Float32Array {
  const values = Float32Array.from({ length: 128 }, (_, i) => Math.sin((who + 1) * 12.9898 * (i + 1)));
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
}

const EMBEDDINGS = [embeddingOf(0), embeddingOf(1)];
const ARTWORK = {
  connecting: 2,
  reconnecting: 3,
  plates: new Map(),
  slateSize: SIZE,
  borderColour: [16, 128, 128] as const,
  backgroundColour: [16, 128, 128] as const,
};

/** Frames that are only counted; each comes when it is due. */
const addonOf = (nowMs: () => number): ChainParts['addon'] =>
  ({
    retain: () => undefined,
    release: () => undefined,
    nowMs,
    frameInfo: () => ({ memory: 'cuda', format: 'NV12', ...SIZE }),
    lumaSketch: () => Promise.resolve(undefined),
  }) as unknown as ChainParts['addon'];

function backendOf(addon: ChainParts['addon']): ChainBackend {
  const parts = {
    detector: {
      detect: ({ ptsMs }: NativeFrame) => Promise.resolve({ ptsMs, detections: [faceOf(0, ptsMs), faceOf(1, ptsMs)] }),
    },
    embedder: {
      metric: 'cosine',
      embed: (requests: readonly { readonly detectionIndex?: number }[]) =>
        Promise.resolve(
          requests.map((request) => ({ ...request, embedding: EMBEDDINGS[request.detectionIndex ?? 0] })),
        ),
    },
    painter: new NativePainter({ addon, compose: () => Promise.resolve(1), output: SIZE, artwork: ARTWORK }),
    artwork: { plates: new Map(), slateSize: SIZE },
    toBackendMemory: () => undefined,
  };
  return parts as unknown as ChainBackend;
}
