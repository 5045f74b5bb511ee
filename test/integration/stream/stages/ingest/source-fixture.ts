import { filter, firstValueFrom, lastValueFrom, map, race, take, tap, timer, toArray } from 'rxjs';
import { afterEach, expect } from 'vitest';
import { sourceSchema } from '#src/shared/config/source-schema.js';
import type { NativeFrame } from '#src/stream/native/types.js';
import {
  openSource,
  type SourceInfo,
  type SourceOptions,
  type SourceSession,
} from '#src/stream/stages/ingest/source-session.adapter.js';
import { startTestCamera, type TestCamera, type TestCameraOptions } from '#src/test-camera/test-camera.adapter.js';
import { loadTestAddon } from '../../../native/test-addon.js';

export const addon = loadTestAddon();
const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined };
/** What ends the test that runs, the last first. */
export const closing: (() => unknown)[] = [];

/** Ends after each test of a file what it has opened. */
export function closeAfterEach(): void {
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
    expect(addon.liveFrames()).toBe(0);
  });
}

export async function open(
  url: string,
  config: object = {},
  pace: 'live' | 'free' = 'live',
  options: Partial<SourceOptions> = {},
): Promise<SourceSession> {
  const session = await openSource(sourceSchema.parse({ url, ...config }), { pace, logger, ...options });
  closing.push(() => session.close());
  return session;
}

export async function camera(options: TestCameraOptions): Promise<TestCamera> {
  const started = await startTestCamera(options);
  closing.push(() => started.stop());
  return started;
}

/** Frames as plain data; their handles are given back at once. */
export const read = (session: SourceSession) =>
  session.frames$.pipe(
    map((frame: NativeFrame) => {
      addon.release(frame.handle);
      return frame;
    }),
  );

/** @throws what the session fails with */
export const frames = (session: SourceSession, count: number): Promise<NativeFrame[]> =>
  Promise.race([
    lastValueFrom(read(session).pipe(take(count), toArray())),
    session.ended.then(() => new Promise<never>(() => undefined)),
  ]);

/** What is known when `isEnough`. @throws what is known instead after 20 s */
export const known = (session: SourceSession, isEnough: (info: SourceInfo) => boolean): Promise<SourceInfo> => {
  let latest: SourceInfo = {};
  const info$ = session.info$.pipe(
    tap((info) => (latest = info)),
    filter(isEnough),
  );
  const late$ = timer(20_000).pipe(
    map(() => {
      throw new Error(`only this is known: ${JSON.stringify(latest)}`);
    }),
  );
  return firstValueFrom(race(info$, late$));
};

/** Milliseconds from each frame to the next. */
export const distances = (list: readonly NativeFrame[]): number[] =>
  list.slice(1).map((frame, index) => frame.ptsMs - (list[index]?.ptsMs ?? 0));

export async function until(isMet: () => boolean): Promise<void> {
  while (!isMet()) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** How the session ends, as text. */
export async function endOf(session: SourceSession): Promise<string> {
  const subscription = read(session).subscribe();
  closing.push(() => subscription.unsubscribe());
  return session.ended.then(
    (end) => end,
    (error: unknown) => String((error as { code?: string }).code),
  );
}
