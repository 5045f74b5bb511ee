import { tap, type Observable } from 'rxjs';
import { streamSchema, type GpuConfig, type StreamConfig } from '../shared/config/schema.js';
import { shownBox } from '../shared/domain/track.js';
import { withResources, type ResourceStack } from '../shared/resource-stack.js';
import type { Logger } from '../shared/telemetry/logger.js';
import { drawFileArtwork, releaseArtwork } from '../stream/backend/artwork.js';
import { explainLossInFile } from '../stream/backend/gpu/gpu-error.js';
import { openVisionBackend } from '../stream/backend/open-backend.js';
import type { VisionBackend } from '../stream/backend/vision-backend.js';
import { loadAddon } from '../stream/native/addon.adapter.js';
import { pipelineOptions } from '../stream/pipeline-options.js';
import { twoShot, type ComposedFrame } from '../stream/pipeline.js';
import type { openSource } from '../stream/stages/ingest/source-session.adapter.js';
import type { IdentityCounts } from '../stream/stages/reid/identity-options.js';
import { openFileChain, type FileChain } from './file-chain.js';
import { openFileEncoder, type FileEncoder } from './file-encoder.adapter.js';
import { LineFile } from './line-file.adapter.js';
import { runToEnd } from './run-to-end.js';
import { shareOf } from './share.js';

/** How rendering acquires what it needs, in this order. */
export interface RenderSteps {
  /** Name plates. */
  readonly drawArtwork: typeof drawFileArtwork;
  /** Networks and the painter. */
  readonly openBackend: typeof openVisionBackend;
  /** The file that is read. */
  readonly openSource: typeof openSource;
  /** The file that is written. */
  readonly openEncoder: typeof openFileEncoder;
  /** The file of events. */
  readonly openEvents: (path: string) => LineFile;
}

/** What to render. */
export interface RenderOptions {
  /** Path of the file that is read. */
  readonly input: string;
  /** Path of the MP4 that is written; what is there already is overwritten. */
  readonly output: string;
  /** One JSON object a line: what each output frame shows. @defaultValue not written */
  readonly eventsPath?: string;
  /** What differs from a stream's defaults. */
  readonly stream?: Partial<Omit<StreamConfig, 'id' | 'source' | 'targets'>>;
  /** What differs from the defaults of `gpu`. */
  readonly gpu?: Partial<GpuConfig>;
  /** Told why something is not used. */
  readonly logger: Logger;
  /** Called for every output frame, with their number so far and how to learn the share of the file that is done, 0 to 1. */
  readonly onProgress?: (framesOut: number, shareOf: () => number | undefined) => void;
  /** Those to be made otherwise, e.g. to fail in a test. @defaultValue none */
  readonly steps?: Partial<RenderSteps>;
}

/** What `diptych render` prints as its last line. */
export interface RenderSummary {
  /** Source frames, output frames, and those of them that repeat one. */
  readonly frames: { readonly in: number; readonly out: number; readonly repeated: number };
  /** Of the detector, a name in models/manifest.json. */
  readonly model: string;
  /** Whether the GPU was used, and why. */
  readonly gpu: { readonly state: 'used' | 'off'; readonly name?: string; readonly reason: string };
  /** Length of the output. */
  readonly seconds: number;
  /** Absent where identities were not checked. */
  readonly reid?: IdentityCounts;
}

const STEPS: Omit<RenderSteps, 'openSource'> = {
  drawArtwork: drawFileArtwork,
  openBackend: openVisionBackend,
  openEncoder: openFileEncoder,
  openEvents: (path) => new LineFile(path),
};

/**
 * Runs the live chain over a file, as fast as it goes. Nothing is dropped and every answer is awaited,
 * so the same file gives the same picture every time. What it acquired is released in reverse order,
 * whatever fails on the way; a file that is not complete is removed.
 *
 * @throws {@link DiptychError}
 */
export function renderFile(options: RenderOptions, signal: AbortSignal): Promise<RenderSummary> {
  return withResources(async (resources) => {
    const parts = await openParts(options, signal, resources);
    const { session, encoder, events } = parts;
    const run = new RenderRun(parts, options.onProgress);
    try {
      await runToEnd(run.frames$, {
        failures: [session.ended, encoder.failed, ...(events ? [events.written] : [])],
        signal,
      });
      await session.ended;
      await encoder.finish();
      await events?.finish();
    } catch (error) {
      throw explainLossInFile(error, loadAddon().gpuLostReason());
    }
    return run.summary;
  });
}

interface RenderParts extends FileChain<VisionBackend> {
  readonly config: StreamConfig;
  readonly encoder: FileEncoder;
  readonly events: LineFile | undefined;
}

async function openParts(
  { input, output, eventsPath, logger, gpu, ...options }: RenderOptions,
  signal: AbortSignal,
  resources: ResourceStack,
): Promise<RenderParts> {
  const steps = { ...STEPS, ...options.steps };
  const config = { ...streamSchema.parse({ source: { url: input, loop: false } }), ...options.stream };
  const addon = loadAddon();
  const artwork = resources.adopt(await steps.drawArtwork(config, addon), (drawn) => releaseArtwork(drawn, addon));
  const chain = await openFileChain(
    {
      ...{ config, gpu, logger, signal, open: steps.openSource },
      openBackend: (given) => steps.openBackend({ ...given, config, artwork }),
    },
    resources,
  );
  const encoder = resources.adopt(
    await steps.openEncoder(config.output, output, { sound: chain.session.audio }),
    (opened) => opened.close(),
  );
  const events =
    eventsPath === undefined ? undefined : resources.adopt(steps.openEvents(eventsPath), (opened) => opened.close());
  return { ...chain, config, encoder, events };
}

/** One rendering, from the frames of the source to the file. */
class RenderRun {
  /** Output frames, given to the encoder and released. */
  readonly frames$: Observable<ComposedFrame>;

  readonly #parts: RenderParts;
  readonly #onProgress: RenderOptions['onProgress'];
  readonly #frames = { in: 0, out: 0, repeated: 0 };
  #reid: IdentityCounts | undefined;

  constructor(parts: RenderParts, onProgress: RenderOptions['onProgress']) {
    const { config, backend, session, semaphore, encoder } = parts;
    this.#parts = parts;
    this.#onProgress = onProgress;
    const options = pipelineOptions({
      ...{ config, backend, addon: loadAddon() },
      // The encoder sets the pace: the source waits while frames of its are held here.
      pace: { answers: 'awaited', semaphore, ready: () => encoder.ready() },
      listeners: {
        onKnown: () => (this.#frames.in += 1),
        onIdentities: (happened, counts) => {
          this.#reid = counts;
          for (const { name, ...details } of happened) this.#writeEvent({ event: name, ...details });
        },
      },
    });
    this.frames$ = twoShot(session.frames$, options).pipe(tap((frame) => this.#put(frame)));
  }

  get summary(): RenderSummary {
    const { backend, config } = this.#parts;
    return {
      frames: { ...this.#frames },
      model: backend.detector.model,
      gpu: backend.gpu,
      seconds: this.#frames.out / config.output.fps,
      ...(this.#reid && { reid: this.#reid }),
    };
  }

  #put(frame: ComposedFrame): void {
    this.#parts.encoder.push(frame.picture, frame.outPtsMs);
    loadAddon().release(frame.picture);
    if (!frame.isNew) this.#frames.repeated += 1;
    this.#writeEvent(describeFrame(this.#frames.out, frame));
    this.#frames.out += 1;
    this.#onProgress?.(this.#frames.out, () => shareOf(frame.outPtsMs, this.#parts.session.durationMs));
  }

  #writeEvent(event: object): void {
    this.#parts.events?.push(`${JSON.stringify(event)}\n`);
  }
}

/** One line of the events file. Boxes in pixels: people and crops of the source, tiles of the output. */
function describeFrame(frame: number, { outPtsMs, sourceFrame, plan }: ComposedFrame): object {
  return {
    event: 'frame',
    frame,
    ptsMs: outPtsMs,
    sourcePtsMs: sourceFrame?.ptsMs,
    layout: plan.layout,
    shot: sourceFrame && { kind: sourceFrame.shot.kind, reason: sourceFrame.shot.reason },
    slots: sourceFrame?.slots.map((trackId) => trackId ?? null) ?? [],
    people:
      sourceFrame?.tracks.map((track) => ({
        trackId: track.id,
        name: sourceFrame.names.get(track.id),
        state: track.state,
        box: shownBox(track),
        score: track.score,
      })) ?? [],
    marks: plan.marks.flatMap((mark) =>
      mark.type === 'label' ? [{ name: mark.label, dest: mark.dest, alpha: mark.alpha }] : [],
    ),
    regions: plan.regions.map(({ trackId, crop, dest, alpha }) => ({ trackId, crop, dest, alpha })),
  };
}
