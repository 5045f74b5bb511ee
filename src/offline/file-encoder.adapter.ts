import { unlink } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { filter, firstValueFrom } from 'rxjs';
import type { OutputConfig } from '../shared/config/schema.js';
import { DiptychError } from '../shared/domain/errors.js';
import type { FrameHandle } from '../shared/domain/frame.js';
import type { MediaTap } from '../stream/domain/media-tap.js';
import { Graph } from '../stream/gst/graph.adapter.js';
import { loadAddon } from '../stream/native/addon.adapter.js';

/** What is written beside the pictures. */
export interface FileEncoderOptions {
  /** Sound to put beside the pictures, where there is any; on the time line of the pictures. */
  readonly sound?: MediaTap & { readonly exists: Promise<boolean> };
}

/** Writes an MP4 file, as fast as pictures come and the encoder takes them. */
export interface FileEncoder {
  /** Rejects with a {@link DiptychError} when encoding or writing fails; never resolves. */
  readonly failed: Promise<never>;
  /** Resolves when another picture may be pushed. The first time it waits to know whether there is sound. */
  ready(): Promise<void>;
  /** Takes its own reference. I420 of the output size; PTS rise by whole frame periods. */
  push(picture: FrameHandle, ptsMs: number): void;
  /** Ends the file; resolves when it is complete on disk. */
  finish(): Promise<void>;
  /** Without `finish` before, the file is removed: it could not be played. Idempotent. */
  close(): Promise<void>;
}

/** Pictures waiting for the encoder, ms: enough to keep it busy. */
const MAX_WAITING_MS = 400;
const POLL_MS = 2;
/** Sound that may wait while pictures are on their way, ms; it runs ahead by what the demultiplexer reads ahead. */
const MAX_SOUND_WAITING_MS = 60_000;

/**
 * Opens an MP4 file for writing.
 *
 * @param path - of the MP4 file; what is there already is overwritten
 * @throws {@link DiptychError} `DIPTYCH_E_ELEMENT_MISSING`, `DIPTYCH_E_GRAPH`.
 */
export async function openFileEncoder(
  config: OutputConfig,
  path: string,
  { sound }: FileEncoderOptions = {},
): Promise<FileEncoder> {
  const { width, height, fps, bitrateKbps, gopS, preset } = config;
  const values = { location: path, width, height, fps, bitrateKbps, gopFrames: Math.round(gopS * fps), preset };
  const silent = await Graph.load('encode-file', values);
  if (sound === undefined) return new Encoder(path, { silent });
  try {
    const withSound = await Graph.load('encode-file-sound', { ...values, aacBps: config.audioBitrateKbps * 1000 });
    // What arrives before the graph plays waits in its source.
    loadAddon().link(
      sound,
      { graphId: withSound.id, element: 'audio' },
      { maxQueueMs: MAX_SOUND_WAITING_MS, startOnKeyframe: false },
    );
    return new Encoder(path, { silent, withSound, sound });
  } catch (error) {
    await silent.close();
    throw error;
  }
}

interface Variants {
  readonly silent: Graph;
  readonly withSound?: Graph;
  readonly sound?: NonNullable<FileEncoderOptions['sound']>;
}

class Encoder implements FileEncoder {
  readonly failed: Promise<never>;

  readonly #addon = loadAddon();
  readonly #path: string;
  readonly #variants: Variants;
  #reject: (error: DiptychError) => void = () => undefined;
  #starting: Promise<Graph> | undefined;
  #graph: Graph | undefined;
  /** Pictures pushed before it is known whether there is sound. */
  #early: { readonly picture: FrameHandle; readonly ptsMs: number }[] = [];
  #hasSound = false;
  #isFinished = false;
  #closing: Promise<void> | undefined;

  constructor(path: string, variants: Variants) {
    this.#path = path;
    this.#variants = variants;
    this.failed = new Promise<never>((_, reject) => {
      this.#reject = reject;
    });
    this.failed.catch(() => undefined);
  }

  async ready(): Promise<void> {
    const graph = await Promise.race([this.#start(), this.failed]);
    while (this.#closing === undefined && this.#addon.sourceStats(graph.id, 'video').queuedMs > MAX_WAITING_MS) {
      await Promise.race([delay(POLL_MS), this.failed]);
    }
  }

  push(picture: FrameHandle, ptsMs: number): void {
    if (this.#closing !== undefined) return;
    if (this.#graph !== undefined) {
      this.#addon.pushFrame(this.#graph.id, 'video', picture, ptsMs);
      return;
    }
    this.#addon.retain(picture);
    this.#early.push({ picture, ptsMs });
    void this.#start();
  }

  async finish(): Promise<void> {
    const graph = await Promise.race([this.#start(), this.failed]);
    const written = firstValueFrom(graph.messages$.pipe(filter((message) => message.type === 'eos')), {
      defaultValue: undefined,
    });
    this.#addon.endSource(graph.id, 'video');
    if (this.#hasSound) this.#addon.endSource(graph.id, 'audio');
    const end = await Promise.race([written, this.failed]);
    this.#isFinished = end !== undefined;
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  #start(): Promise<Graph> {
    this.#starting ??= this.#choose();
    return this.#starting;
  }

  async #choose(): Promise<Graph> {
    const { silent, withSound, sound } = this.#variants;
    this.#hasSound = (await sound?.exists) === true;
    const graph = this.#hasSound && withSound !== undefined ? withSound : silent;
    graph.messages$.subscribe((message) => {
      if (message.type !== 'error') return;
      this.#reject(
        new DiptychError(
          'DIPTYCH_E_GRAPH',
          `${this.#path} could not be written: ${message.element}: ${message.text} [${message.debug}]`,
        ),
      );
    });
    if (this.#closing === undefined) {
      graph.play();
      this.#graph = graph;
      for (const { picture, ptsMs } of this.#early) this.#addon.pushFrame(graph.id, 'video', picture, ptsMs);
    }
    this.#releaseEarly();
    return graph;
  }

  #releaseEarly(): void {
    for (const { picture } of this.#early) this.#addon.release(picture);
    this.#early = [];
  }

  async #end(): Promise<void> {
    const wasStarted = this.#graph !== undefined;
    this.#releaseEarly();
    await Promise.all([this.#variants.silent.close(), this.#variants.withSound?.close()]);
    if (wasStarted && !this.#isFinished) await unlink(this.#path).catch(() => undefined);
  }
}
