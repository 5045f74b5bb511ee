import type { StreamConfig } from '../shared/config/schema.js';
import type { Preparation, ProcessGpu } from '../shared/ipc/messages.js';
import type { Logger } from '../shared/telemetry/logger.js';
import { drawArtwork, releaseArtwork } from './backend/artwork.js';
import { openAnalyzer, openPainter, openVisionBackend } from './backend/open-backend.js';
import type { Analyzer, VisionBackend, VisionBackendOptions } from './backend/vision-backend.js';
import { liveOptions } from './domain/live-options.js';
import { ModelStore } from './models/model-store.adapter.js';
import { loadAddon } from './native/addon.adapter.js';
import { loadGpuDecoders } from './stages/ingest/decoder-machine.adapter.js';
import { openEncoder } from './stages/encode/encode-session.adapter.js';

/** What a stream and its encoder need until there is a picture: their plugins are loaded and set up in advance. */
const ELEMENTS = [
  ...['videotestsrc', 'textoverlay', 'capsfilter', 'audiotestsrc', 'x264enc', 'rtspsrc'],
  ...['rtpbin', 'rtpjitterbuffer', 'udpsrc', 'udpsink', 'rtph264depay', 'rtph264pay', 'rtpopuspay', 'appsrc'],
  ...['h264parse', 'h265parse', 'avdec_h264', 'avdec_h265', 'avdec_aac', 'videoconvert', 'videoscale', 'audioconvert'],
  ...['audioresample', 'audiomixer', 'opusenc', 'avenc_aac', 'aacparse', 'flvmux', 'rtmp2sink', 'srtpenc'],
];

/**
 * What a stream process opens while it has no stream, so that a stream which is started in it shows a
 * picture at once: the addon, GStreamer's plugins, encoder, fonts, and the networks. Networks are
 * handed over to the stream that needs just these; another stream opens its own and still gains the
 * rest.
 */
export class PreparedStream {
  /** Settles once everything is open; rejects with what could not be had. */
  readonly ready: Promise<void>;
  readonly #key: string;
  readonly #ending = new AbortController();
  #analyzer: Promise<Analyzer> | undefined;
  /** Of the stream that has taken it, from then on. */
  #detect: StreamConfig['detect'];
  #isOpening = true;

  /** Begins to open. */
  constructor({ config, gpu }: Preparation, logger: Logger) {
    this.#key = keyOf(config, gpu);
    this.#detect = config.detect;
    const addon = loadAddon();
    const store = new ModelStore({ onNotice: (text) => logger.info(text) });
    const detect = liveOptions(() => this.#detect);
    const analyzer = openAnalyzer({
      ...{ config: { ...config, detect }, gpu, addon, store, logger, isThrifty: true },
      signal: this.#ending.signal,
    });
    // Who takes it, or waits for `ready`, is told.
    analyzer.catch(() => undefined);
    this.#analyzer = analyzer;
    this.ready = this.#warmUp({ config, gpu }, analyzer, logger).finally(() => {
      this.#isOpening = false;
    });
    this.ready.catch(() => undefined);
  }

  /** Whether native code may still block the thread. */
  get isOpening(): boolean {
    return this.#isOpening;
  }

  /** As `openVisionBackend`, with the prepared networks where they fit; to be called once. */
  async openBackend(options: VisionBackendOptions): Promise<VisionBackend> {
    const analyzer = this.#take(options.config, options.gpu);
    // What could not be prepared is tried anew, and fails with the words of a stream.
    const opened = await analyzer?.catch(() => undefined);
    if (opened) return openPainter(opened, options);
    await this.close();
    return openVisionBackend(options);
  }

  /** Frees what nobody has taken. Idempotent. */
  async close(): Promise<void> {
    this.#ending.abort();
    const analyzer = this.#analyzer;
    this.#analyzer = undefined;
    const opened = await analyzer?.catch(() => undefined);
    await opened?.close();
  }

  #take(config: Pick<StreamConfig, 'detect' | 'reid'>, gpu: ProcessGpu): Promise<Analyzer> | undefined {
    if (keyOf(config, gpu) !== this.#key) return undefined;
    this.#detect = config.detect;
    const analyzer = this.#analyzer;
    this.#analyzer = undefined;
    return analyzer;
  }

  /** Everything is used once, and given back. */
  async #warmUp({ config, gpu }: Preparation, analyzer: Promise<Analyzer>, logger: Logger): Promise<void> {
    const addon = loadAddon();
    // GStreamer loads one plugin at a time: while it loads the slow one of a GPU, whoever needs another one would stop
    // this thread, which opens the networks. So that one is last.
    for (const element of ELEMENTS) addon.elementProperties(element);
    await loadGpuDecoders(gpu, addon);
    const artwork = await drawArtwork(config, addon);
    try {
      const { memory } = await analyzer;
      // A stream that is here already opens an encoder anyway.
      if (this.#analyzer === undefined) return;
      const encoder = await openEncoder(config.output, { logger: QUIET, memory, device: gpu.device });
      if (encoder.inputMemory === 'system') encoder.push(artwork.connecting, addon.nowMs());
      await encoder.close();
    } finally {
      releaseArtwork(artwork, addon);
    }
    logger.info({ memory: (await analyzer).memory }, 'ready to take a stream over');
  }
}

/** What the networks depend on. */
const keyOf = ({ detect, reid }: Pick<StreamConfig, 'detect' | 'reid'>, gpu: ProcessGpu): string =>
  JSON.stringify([detect, reid, gpu]);

/** The encoder is chosen again, and told then, when there is a stream. */
const QUIET = { info: () => undefined, warn: () => undefined };
