import { firstValueFrom, Observable, Subject, takeUntil, timer } from 'rxjs';
import { maskUrl } from '../shared/config/mask-url.js';
import { DiptychError } from '../shared/domain/errors.js';
import type { ProbeCommand, ProbeResult } from '../shared/ipc/probe-messages.js';
import type { Logger } from '../shared/telemetry/logger.js';
import { chooseGpu } from './backend/gpu/gpu.adapter.js';
import { loadAddon } from './native/addon.adapter.js';
import type { NativeFrame } from './native/types.js';
import { FrameRateMeter } from './stages/ingest/frame-rate-meter.js';
import { openSource, type SourceInfo, type SourceSession } from './stages/ingest/source-session.adapter.js';
import { isPublishedSource } from '../shared/config/source-url.js';

/** Longest side of the picture that is shown of a source, pixels. */
const THUMBNAIL_PX = 640;
const THUMBNAIL_QUALITY = 80;
/** Intervals between pictures that the rate is told from where the source's own figure is not there yet, times two. */
const RATE_WINDOW = 10;
/** The rate is waited for so long after the first picture, ms: long enough for two pictures a second. */
const RATE_WAIT_MS = 4_000;
/** How often it is looked whether everything is known, ms. */
const POLL_MS = 50;

/** What was seen of a source so far. */
interface Seen {
  readonly meter: FrameRateMeter;
  latest?: NativeFrame;
  firstMs?: number;
}

/**
 * Opens a source as a stream would, until its pictures, their rate and its sound are known, and closes it.
 *
 * @param onFound - told as soon as it is known, before the source is closed
 * @throws {@link DiptychError} as a stream says it: of `openSource`, and of `SourceSession.ended`;
 *   `DIPTYCH_E_SOURCE_KEYFRAME` and `DIPTYCH_E_SOURCE_SILENT` where no picture comes in time
 */
export async function probeSource(
  { source, gpu: gpuConfig, limitS }: ProbeCommand,
  logger: Logger,
  onFound: (result: ProbeResult) => void,
): Promise<void> {
  if (isPublishedSource(source.url)) {
    throw new DiptychError(
      'DIPTYCH_E_SOURCE_UNPUBLISHED',
      'whip: is what a browser or OBS publishes to the stream; there is nothing to try before the stream is added',
    );
  }
  const addon = loadAddon();
  const { gpu } = await chooseGpu(gpuConfig, addon).catch(() => ({ gpu: undefined }));
  const memory = gpu === undefined ? 'system' : 'cuda';
  const limit = AbortSignal.timeout(limitS * 1000);
  const opening = openSource(source, { pace: 'live', logger, memory, device: gpuConfig.device, signal: limit });
  // An attempt that does not heed the signal is closed once it is there.
  const session = await orSilence(opening, limit, () => silence(source.url, limitS)).catch((error: unknown) => {
    void opening.then((late) => late.close()).catch(() => undefined);
    throw error;
  });
  const seen: Seen = { meter: new FrameRateMeter(RATE_WINDOW) };
  try {
    const info = await watch(session, seen, limit, () => silence(source.url, limitS, session));
    const { latest } = seen;
    if (!latest) throw silence(source.url, limitS, session);
    const fps = info.fps ?? seen.meter.fps;
    const jpeg = await thumbnail(latest, memory === 'cuda');
    onFound({
      source: { url: maskUrl(source.url), ...info, ...(fps !== undefined && { fps }) },
      jpegBase64: Buffer.from(jpeg).toString('base64'),
    });
  } finally {
    if (seen.latest) addon.release(seen.latest.handle);
    await session.close();
  }
}

/** Resolves with what is known once nothing more is to be waited for. */
async function watch(
  session: SourceSession,
  seen: Seen,
  limit: AbortSignal,
  silent: () => DiptychError,
): Promise<SourceInfo> {
  const addon = loadAddon();
  const over$ = new Subject<void>();
  let info: SourceInfo = {};
  session.info$.pipe(takeUntil(over$)).subscribe((news) => (info = news));
  session.frames$.pipe(takeUntil(over$)).subscribe((frame) => {
    if (seen.latest) addon.release(seen.latest.handle);
    seen.latest = frame;
    seen.firstMs ??= addon.nowMs();
    seen.meter.add(frame.ptsMs);
  });
  const isKnown = (): boolean => {
    if (seen.firstMs === undefined) return false;
    const hasWaited = addon.nowMs() - seen.firstMs > RATE_WAIT_MS;
    return hasWaited || (info.fps !== undefined && info.codec !== undefined && info.audio !== undefined);
  };
  try {
    const known = firstValueFrom(poll(isKnown), { defaultValue: undefined });
    // A short file may be over before its rate was measured by the source.
    await Promise.race([orSilence(known, limit, silent), session.ended]);
    return info;
  } finally {
    over$.next();
  }
}

/** Emits once, when it is so. */
const poll = (isSo: () => boolean): Observable<void> =>
  new Observable((subscriber) =>
    timer(0, POLL_MS).subscribe(() => {
      if (!isSo()) return;
      subscriber.next();
      subscriber.complete();
    }),
  );

/** What was waited for, or an error where the time is over first. */
function orSilence<T>(waited: Promise<T>, limit: AbortSignal, silent: () => DiptychError): Promise<T> {
  const isOver = new Promise<never>((_resolve, reject) => {
    const fail = (): void => reject(silent());
    if (limit.aborted) fail();
    else limit.addEventListener('abort', fail, { once: true });
  });
  isOver.catch(() => undefined);
  return Promise.race([waited, isOver]);
}

function silence(url: string, limitS: number, session?: SourceSession): DiptychError {
  const name = maskUrl(url);
  if (session?.trouble?.kind === 'waiting_for_keyframe') {
    return new DiptychError(
      'DIPTYCH_E_SOURCE_KEYFRAME',
      `${name} sends, and no keyframe within ${limitS} s; set a shorter keyframe interval in the camera`,
    );
  }
  return new DiptychError(
    'DIPTYCH_E_SOURCE_SILENT',
    `${name} sent no picture within ${limitS} s; check that it is the right address and that it sends`,
  );
}

/** The whole picture, made smaller. */
async function thumbnail({ handle, width, height }: NativeFrame, isOnGpu: boolean): Promise<Uint8Array> {
  const addon = loadAddon();
  const scale = Math.min(1, THUMBNAIL_PX / Math.max(width, height));
  const size = { width: even(width * scale), height: even(height * scale) };
  const at = { x: 0, y: 0 };
  const region = { frame: handle, crop: { ...at, width, height }, dest: { ...at, ...size }, alpha: 1 };
  const small = await (isOnGpu ? addon.composeOnGpu(size, [region], 'system') : addon.compose(size, [region]));
  try {
    return await addon.encodeJpeg(small, THUMBNAIL_QUALITY);
  } finally {
    addon.release(small);
  }
}

const even = (length: number): number => Math.max(2, 2 * Math.round(length / 2));
