import { filter, firstValueFrom, map, race, timer } from 'rxjs';
import { sourceSchema } from '#src/shared/config/source-schema.js';
import { loadAddon } from '#src/stream/native/addon.adapter.js';
import type { NativeFrame } from '#src/stream/native/types.js';
import { openSource } from '#src/stream/stages/ingest/source-session.adapter.js';
import type { SourceInfo, SourceSession } from '#src/stream/stages/ingest/source-session.js';
import { OddCamera, type OddCameraOptions } from './odd-camera.js';

const PICTURE_MS = 30_000;
const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined };

/** What ends the test that runs, the last first. */
export const closing: (() => unknown)[] = [];

export const PICTURE = { kind: 'h264' } as const;

/** A camera until the end of the test. */
export async function camera(options: Partial<OddCameraOptions> = {}): Promise<OddCamera> {
  const started = await OddCamera.start({ tracks: [PICTURE], ...options });
  closing.push(() => started.stop());
  return started;
}

/** A source that plays; its frames are given back at once. */
export interface PlayingSource {
  readonly info: SourceInfo;
  readonly session: SourceSession;
  close(): Promise<void>;
}

/** @throws what the source fails with */
export async function opened(url: string, config: object = {}): Promise<SourceSession> {
  const session = await openSource(sourceSchema.parse({ url, timeoutS: 5, ...config }), { pace: 'live', logger });
  closing.push(() => session.close());
  return session;
}

/** Plays until there is a picture, and what sound there is. @throws what the source fails with */
export async function playing(url: string, config: object = {}): Promise<PlayingSource> {
  const session = await opened(url, config);
  let info: SourceInfo = {};
  const subscriptions = [
    session.info$.subscribe((known) => (info = known)),
    session.frames$.subscribe(({ handle }) => loadAddon().release(handle)),
  ];
  closing.push(() => subscriptions.forEach((subscription) => subscription.unsubscribe()));
  const known$ = session.info$.pipe(filter(({ width, audio }) => width !== undefined && audio !== undefined));
  await Promise.race([
    firstValueFrom(
      race(
        known$,
        late('no picture', () => info),
      ),
    ),
    failure(session),
  ]);
  return {
    get info() {
      return info;
    },
    session,
    close: () => session.close(),
  };
}

/** Waits until a source has played for so many frames more. @throws what it fails with */
export async function pictureOf({ session, info }: PlayingSource, frames: number): Promise<void> {
  const before = info.fps ?? 25;
  await Promise.race([firstValueFrom(timer((frames / before) * 1000)), failure(session)]);
}

/** What a source fails with, while it is opened or while it plays. */
export async function asked(url: string, config: object = {}): Promise<unknown> {
  try {
    const session = await opened(url, config);
    session.frames$.subscribe((frame: NativeFrame) => loadAddon().release(frame.handle));
    await Promise.race([session.ended, firstValueFrom(late('no failure', () => ({})))]);
  } catch (error) {
    return error;
  }
  return undefined;
}

const failure = (session: SourceSession): Promise<never> =>
  session.ended.then(() => Promise.reject(new Error('the source ended')));

const late = (what: string, known: () => SourceInfo) =>
  timer(PICTURE_MS).pipe(
    map((): never => {
      throw new Error(`${what}; known: ${JSON.stringify(known())}`);
    }),
  );
