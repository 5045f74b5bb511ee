import type { RememberedTiles } from '../shared/domain/remembered-people.js';
import type { Observable } from 'rxjs';
import type { StreamConfig } from '../shared/config/schema.js';
import type { DetectionSet } from '../shared/domain/detection.js';
import type { TrackId } from '../shared/domain/track.js';
import { isGpuLost } from './backend/gpu/gpu-error.js';
import type { VisionBackend } from './backend/vision-backend.js';
import type { SourceCondition } from './domain/composition-plan.js';
import type { Embedder } from './domain/embedding.js';
import { extendedOptions } from './domain/live-options.js';
import { SHOT_PRESET_NUMBERS, type PresetNumbers } from './domain/shot-presets.js';
import { tileArea } from './domain/tile-area.js';
import { OutputGrid } from './domain/output-grid.js';
import type { NativeAddon, NativeFrame } from './native/types.js';
import type { DetectPeopleOptions, KnownFrame, Pace, TrackedPicture, TwoShotOptions } from './pipeline.js';
import type { SlotCommand } from './stages/assign/assign-slots.operator.js';
import type { FillGridOptions } from './stages/compose/fill-grid.operator.js';
import type { NamePeopleOptions } from './stages/assign/name-people.operator.js';
import type { KnownBefore } from './stages/reid/identity-store.js';
import type { FrameEmbedder } from './stages/reid/embedder.js';
import { sketchPicture } from './stages/reid/picture-sketch.adapter.js';
import type { DetectOptions } from './stages/detect/detect.operator.js';
import { smallPictureOf } from './stages/detect/small-picture.adapter.js';
import type { IdentifyOptions } from './stages/reid/reid.operator.js';

/** What the chain needs of its backend: a `VisionBackend`, a `FailoverBackend`, or one whose calls are timed. */
export type ChainBackend = Pick<VisionBackend, 'detector' | 'embedder' | 'painter' | 'artwork' | 'toBackendMemory'>;

/** What is called as frames pass, synchronously. */
export interface ChainListeners {
  /** A frame has its detections, new ones where there are, and is tracked next. */
  readonly onDetected?: (found: DetectionSet | undefined) => void;
  /** A frame has its tracks and is identified next. */
  readonly onTracked?: () => void;
  /** The people of a source frame are known; it is painted next. */
  readonly onKnown?: (frame: NativeFrame & KnownFrame) => void;
  /** What happened to identities, and the counts so far. */
  readonly onIdentities?: NonNullable<IdentifyOptions<unknown>['onIdentities']>;
  /** An embedding failed, and the chain goes on without it; where answers are awaited the chain ends instead. */
  readonly onEmbeddingFailed?: (error: unknown) => void;
  /** Names have changed: those that are shown, and all that were given, empty ones included. */
  readonly onNames?: NonNullable<NamePeopleOptions['onNames']>;
  /** Told at the start whom to ask who is known. */
  readonly onKeeper?: NonNullable<IdentifyOptions<unknown>['onStart']>;
  /** A source frame was left out: it came faster than it could be moved or shown. */
  readonly onDrop?: () => void;
}

/** What `pipelineOptions` makes the options of a chain of. */
export interface ChainParts {
  /** Of the stream. */
  readonly config: Pick<
    StreamConfig,
    'detect' | 'track' | 'reid' | 'people' | 'slots' | 'shots' | 'framing' | 'output'
  >;
  /** Where frames are analyzed and painted. */
  readonly backend: ChainBackend;
  /** Counts references to frames and tells the running time. */
  readonly addon: Pick<NativeAddon, 'retain' | 'release' | 'nowMs' | 'lumaSketch' | 'lumaMeans' | 'frameInfo'>;
  /** Whether frames wait for networks. */
  readonly pace: Pace;
  /** How the source is. @defaultValue always `live` */
  readonly condition?: () => SourceCondition;
  /** Of detections a second, those that there is time for. @defaultValue all */
  readonly affordable?: (maxFps: number) => number;
  /** What people ask of the tiles. @defaultValue nothing */
  readonly commands$?: Observable<SlotCommand>;
  /** Shots that people ask for. @defaultValue none */
  readonly askedShots$?: TwoShotOptions<NativeFrame>['shots']['asked$'];
  /** Who was known to the run before. @defaultValue nobody */
  readonly before?: KnownBefore &
    Pick<NamePeopleOptions, 'remembered'> & {
      /** Who was in which tile. @defaultValue nobody */
      readonly tiles?: RememberedTiles;
    };
  /** Told as frames pass. @defaultValue none */
  readonly listeners?: ChainListeners;
}

/** Frames on their way to the GPU at once, beside a live source; newer ones are dropped. */
const MAX_UPLOADS = 3;

/**
 * The one place that turns a configuration and a backend into a chain: for streams, for files and for
 * benchmarks.
 */
export function pipelineOptions(parts: ChainParts): TwoShotOptions<NativeFrame> {
  const { config, backend, commands$, askedShots$, listeners = {} } = parts;
  const keeper: { memory?: () => KnownBefore } = {};
  const { embedder, painter, artwork } = backend;
  const presetNow = (): PresetNumbers => SHOT_PRESET_NUMBERS[config.shots.preset];
  return {
    ...detectPeopleOptions(parts),
    // What may change while the stream runs is read anew by each stage.
    track: extendedOptions(config.track, { association: embedder ? 'combined' : 'published' } as const),
    ...(embedder && { identify: identifyOptions(embedder, parts, keeper) }),
    slots: extendedOptions(config.slots, {
      ...(parts.before?.tiles && { before: embedder ? parts.before.tiles : ofStrangers(parts.before.tiles) }),
      get holdS() {
        return config.framing.holdS;
      },
      leftOut: config.people,
      ...(commands$ && { commands$ }),
    }),
    shots: extendedOptions(config.shots, {
      get output() {
        return tileArea(config.output, config.framing.marginPx);
      },
      framing: config.framing,
      ...(askedShots$ && { asked$: askedShots$ }),
    }),
    names: nameOptions(parts, keeper),
    grid: gridOptions(parts),
    layout: extendedOptions(config.framing, {
      get smoothingS() {
        return config.framing.smoothingS * presetNow().times.smoothingS;
      },
      get transitionS() {
        return config.framing.transitionS * presetNow().times.transitionS;
      },
      get positionDeadZone() {
        return presetNow().positionDeadZone;
      },
      get zoomDeadZone() {
        return presetNow().zoomDeadZone;
      },
      get transition() {
        return config.shots.transition;
      },
      output: config.output,
      get labels() {
        return config.slots.labels;
      },
      get plates() {
        return artwork.plates;
      },
    }),
    slate: artwork.slateSize,
    condition: parts.condition ?? (() => 'live'),
    painter,
    onTracked: listeners.onTracked,
    onKnown: listeners.onKnown,
  };
}

/** The first part of the chain, for those who want detections only. */
export function detectPeopleOptions({
  config,
  backend,
  addon,
  pace,
  affordable,
  listeners = {},
}: Pick<ChainParts, 'addon' | 'pace' | 'listeners' | 'affordable'> & {
  readonly config: { readonly detect: Pick<StreamConfig['detect'], 'maxFps'> & Partial<StreamConfig['detect']> };
  readonly backend: Pick<ChainBackend, 'detector' | 'toBackendMemory'>;
}): DetectPeopleOptions<NativeFrame> {
  const { onDrop, onDetected } = listeners;
  const smallPicture: DetectOptions['sketch'] = (frame) => smallPictureOf(frame, addon);
  return {
    pace,
    toBackendMemory: {
      move: (frame) => backend.toBackendMemory(frame),
      release: (handle) => addon.release(handle),
      ...(pace.answers === 'later' && { maxUnderWay: MAX_UPLOADS }),
      ...(onDrop && { onDrop }),
    },
    detector: backend.detector,
    detect: {
      get maxFps() {
        return config.detect.maxFps;
      },
      get calmFps() {
        return config.detect.calmFps ?? config.detect.maxFps;
      },
      frames: addon,
      // A detector that looks at everything anyway needs no watch between its detections.
      get sketch() {
        return backend.detector.isThrifty === true ? smallPicture : undefined;
      },
      ...(affordable && { affordable }),
      // The frame was lost with the GPU; the CPU detects on those that come.
      isForgiven: isGpuLost,
    },
    onDetected,
  };
}

function gridOptions({ config, addon, pace, listeners = {} }: ChainParts): FillGridOptions {
  const { fps } = config.output;
  const grid = new OutputGrid({ fps });
  // A file has as many output frames as its source frames ask for: nothing is repeated for want of time.
  if (pace.answers === 'awaited') return { grid, release: (handle) => pace.semaphore.release(handle) };
  return {
    grid,
    nowMs: () => addon.nowMs(),
    release: (handle) => addon.release(handle),
    ...(listeners.onDrop && { onSkip: listeners.onDrop }),
  };
}

function identifyOptions(
  embedder: FrameEmbedder,
  { config, addon, before, listeners = {} }: ChainParts,
  keeper: { memory?: () => KnownBefore },
): IdentifyOptions<TrackedPicture<NativeFrame>> {
  const { onIdentities, onEmbeddingFailed, onKeeper } = listeners;
  return extendedOptions(config.reid, {
    embedder: embedderOfDetectedPictures(embedder),
    sketch: ({ detections, detectedIn }) => detections?.sketch ?? (detectedIn && sketchPicture(detectedIn, addon)),
    ...(onIdentities && { onIdentities }),
    ...(onEmbeddingFailed && { onError: onEmbeddingFailed }),
    ...(before && { before }),
    onStart: (started) => {
      keeper.memory = () => started.memory;
      onKeeper?.(started);
    },
  });
}

function nameOptions(
  { config, before, commands$, listeners = {} }: ChainParts,
  keeper: { readonly memory?: () => KnownBefore },
): NamePeopleOptions {
  const { onNames } = listeners;
  return extendedOptions(config.people, {
    isRecognisable: (id: TrackId) => keeper.memory?.().people.some(({ trackId }) => trackId === id) ?? false,
    ...(before?.remembered && { remembered: before.remembered }),
    ...(commands$ && { commands$ }),
    ...(onNames && { onNames }),
  });
}

/** Embeds faces in the picture that they were detected in, which is not the frame that detections ride on. */
const embedderOfDetectedPictures = (embedder: FrameEmbedder): Embedder<TrackedPicture<NativeFrame>> => ({
  metric: embedder.metric,
  embed: (requests, { detections, detectedIn }) =>
    detections && detectedIn
      ? embedder.embed(requests, { ...detectedIn, detections })
      : requests.map((request) => ({ ...request, embedding: undefined })),
});

/** Of the number of nobody. */
const STRANGER = -1;

/** Where nobody is recognised, numbers begin anew with each run: tiles go by places. */
const ofStrangers = ({ isLocked, tiles }: RememberedTiles): RememberedTiles => ({
  isLocked,
  tiles: tiles.map((tile) => (tile.trackId === undefined ? tile : { ...tile, trackId: STRANGER })),
});
