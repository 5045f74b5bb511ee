import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../../shared/telemetry/logger.js';
import {
  cameraTimeOf,
  mediaServicesOf,
  profilesOf,
  profileTokensOf,
  REQUESTS,
  serviceUrl,
  streamUriOf,
  type MediaService,
} from './onvif-answers.js';
import { OnvifError } from './onvif-error.js';
import { SoapConnection, type SoapConnectionOptions } from './soap-connection.adapter.js';

/** Which camera is asked for keyframes. */
export interface OnvifKeyframesOptions extends Omit<SoapConnectionOptions, 'signal' | 'timeoutMs'> {
  /** Of its device service, or of a media service. */
  readonly url: string;
  /** What is played, as it was configured. */
  readonly sourceUrl: string;
  /** The source in messages, secrets masked. */
  readonly source: string;
  /** Told once why it does not work. */
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Between two requests, ms: cameras need some time for each. @defaultValue 1000 */
  readonly pauseMs?: number;
  /** For a request and its answer, ms. @defaultValue 5000 */
  readonly timeoutMs?: number;
  /** After a failure, ms. @defaultValue 30000 */
  readonly retryMs?: number;
}

interface Synchronization {
  readonly version: 1 | 2;
  readonly url: URL;
  readonly tokens: readonly string[];
}

const PAUSE_MS = 1000;
const TIMEOUT_MS = 5000;
const RETRY_MS = 30_000;

/**
 * Asks a camera for keyframes by `SetSynchronizationPoint` of its ONVIF media service. Requests that come while one is
 * on its way are one. A failure is told once, and does no harm beyond: the stream waits for the camera's own keyframe.
 */
export class OnvifKeyframes {
  readonly #options: OnvifKeyframesOptions;
  readonly #connection: SoapConnection;
  readonly #closing = new AbortController();
  #known: Synchronization | undefined;
  #isWanted = false;
  #running: Promise<void> | undefined;
  #nextMs = 0;
  #isTold = false;
  #isRefused = false;

  constructor(options: OnvifKeyframesOptions) {
    this.#options = options;
    this.#connection = new SoapConnection({ timeoutMs: TIMEOUT_MS, ...options, signal: this.#closing.signal });
  }

  /** Asks soon; whether it does. */
  request(): boolean {
    if (this.#isRefused || this.#closing.signal.aborted) return false;
    this.#isWanted = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return true;
  }

  /** Ends what goes on. Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    const { pauseMs = PAUSE_MS, retryMs = RETRY_MS } = this.#options;
    while (this.#isWanted && !this.#isRefused && !this.#isClosed()) {
      await delay(Math.max(0, this.#nextMs - performance.now()), undefined, { signal }).catch(() => undefined);
      if (this.#isClosed()) return;
      this.#isWanted = false;
      try {
        await this.#ask();
        this.#nextMs = performance.now() + pauseMs;
      } catch (error) {
        this.#nextMs = performance.now() + retryMs;
        if (!this.#isClosed()) this.#tell(error);
      }
    }
  }

  async #ask(): Promise<void> {
    this.#known ??= await this.#find();
    const { version, url, tokens } = this.#known;
    try {
      for (const token of tokens) await this.#connection.ask(url, REQUESTS.keyframe(version, token));
    } catch (error) {
      // Profiles may have been made anew.
      this.#known = undefined;
      throw error;
    }
    if (!this.#isTold) return;
    this.#isTold = false;
    this.#options.logger.info({ source: this.#options.source }, 'the camera takes requests for keyframes over ONVIF');
  }

  /** Media2 before Media1, which a camera may name and not have. */
  async #find(): Promise<Synchronization> {
    const configured = new URL(this.#options.url);
    await this.#setClock(configured);
    let failure = new OnvifError('the camera names no media service; check source.onvif.url');
    for (const { version, address } of await this.#services(configured)) {
      const url = serviceUrl(configured, address);
      try {
        const tokens = await this.#profiles(version, url);
        if (tokens.length > 0) return { version, url, tokens };
        failure = new OnvifError('the camera has no media profiles; make one with its own tools');
      } catch (error) {
        if (!(error instanceof OnvifError) || error.isRefused) throw error;
        failure = error;
      }
    }
    throw failure;
  }

  /** It answers without a user; what does not answer this may still answer the rest. */
  async #setClock(url: URL): Promise<void> {
    const body = await this.#connection.ask(url, REQUESTS.time, { isAnonymous: true }).catch(reasonOnly);
    const cameraMs = body instanceof OnvifError ? undefined : cameraTimeOf(body);
    if (cameraMs !== undefined) this.#connection.setCameraTime(cameraMs);
  }

  async #services(url: URL): Promise<readonly MediaService[]> {
    let reason: OnvifError | undefined;
    for (const request of [REQUESTS.services, REQUESTS.capabilities]) {
      const body = await this.#connection.ask(url, request).catch(reasonOnly);
      if (body instanceof OnvifError) {
        if (body.isRefused) throw body;
        reason = body;
        continue;
      }
      const services = mediaServicesOf(body);
      if (services.length > 0) return services;
    }
    // The address may be that of a media service itself.
    if (!/media/i.test(url.pathname)) throw reason ?? new OnvifError('the camera names no media service');
    return ([1, 2] as const).map((version) => ({ version, address: url.href }));
  }

  async #profiles(version: 1 | 2, url: URL): Promise<readonly string[]> {
    const tokens = profileTokensOf(await this.#connection.ask(url, REQUESTS.profiles(version)));
    if (tokens.length < 2) return tokens;
    const profiles: { token: string; uri: string }[] = [];
    for (const token of tokens) {
      const body = await this.#connection.ask(url, REQUESTS.streamUri(version, token)).catch(reasonOnly);
      profiles.push({ token, uri: body instanceof OnvifError ? '' : streamUriOf(body) });
    }
    return profilesOf(profiles, this.#options.sourceUrl);
  }

  #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  #tell(error: unknown): void {
    const { logger, source } = this.#options;
    const reason = error instanceof Error ? error.message : String(error);
    this.#isRefused = error instanceof OnvifError && error.isRefused;
    if (this.#isTold) return;
    this.#isTold = true;
    logger.warn({ source, reason }, 'the camera cannot be asked for a keyframe over ONVIF; its next one is waited for');
  }
}

const reasonOnly = (error: unknown): OnvifError => {
  if (error instanceof OnvifError) return error;
  throw error;
};
