import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sourceSchema } from '#src/shared/config/source-schema.js';
import { DiptychError } from '#src/shared/domain/errors.js';
import { loadAddon } from '#src/stream/native/addon.adapter.js';
import { openSource } from '#src/stream/stages/ingest/source-session.adapter.js';
import { loadTestAddon } from '../../integration/native/test-addon.js';
import { fuzz } from '../harness/fuzz.js';
import { anyEdits, editBytes } from '../harness/junk.js';

const run = promisify(execFile);
/** A file of half a second that takes longer is one that hangs, ms. */
const LIMIT_MS = 25_000;
const CLIPS: readonly (readonly [name: string, arguments_: readonly string[]])[] = [
  ['h264.mp4', ['-c:v', 'libx264', '-bf', '2', '-c:a', 'aac']],
  ['h264.mkv', ['-c:v', 'libx264', '-c:a', 'aac']],
  ['h265.mp4', ['-c:v', 'libx265', '-x265-params', 'log-level=error', '-tag:v', 'hvc1', '-c:a', 'aac']],
  ['h264.ts', ['-c:v', 'libx264', '-c:a', 'aac']],
  ['jpeg.mkv', ['-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p', '-c:a', 'pcm_s16le']],
  ['jpeg.avi', ['-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p', '-an']],
];
const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined };

let folder: string;
let clips: readonly { readonly name: string; readonly bytes: Buffer }[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-fuzz-'));
  clips = await Promise.all(
    CLIPS.map(async ([name, coding]) => {
      const path = join(folder, name);
      const input = [
        '-f',
        'lavfi',
        '-i',
        'testsrc2=size=160x120:rate=20',
        '-f',
        'lavfi',
        '-i',
        'sine=frequency=440:sample_rate=44100',
      ];
      await run('ffmpeg', [
        '-hide_banner',
        '-loglevel',
        'error',
        '-y',
        ...input,
        '-t',
        '0.5',
        '-g',
        '5',
        ...coding,
        path,
      ]);
      return { name, bytes: await readFile(path) };
    }),
  );
});
afterAll(() => rm(folder, { recursive: true }));

/** Plays a file as fast as it goes, to its end. @returns its frames, and what it failed with */
async function play(path: string): Promise<{ readonly frames: number; readonly error?: unknown }> {
  let frames = 0;
  const config = sourceSchema.parse({ url: path, loop: false });
  let session;
  try {
    session = await openSource(config, { pace: 'free', logger });
  } catch (error) {
    return { frames, error };
  }
  const subscription = session.frames$.subscribe(({ handle }) => {
    frames += 1;
    loadAddon().release(handle);
  });
  try {
    const late = new AbortController();
    const outcome = await Promise.race([
      session.ended.then(
        () => ({ frames }),
        (error: unknown) => ({ frames, error }),
      ),
      delay(LIMIT_MS, { frames, error: new Error('it hangs') }, { signal: late.signal }).catch(() => ({ frames })),
    ]);
    late.abort();
    return { ...outcome, frames };
  } finally {
    subscription.unsubscribe();
    await session.close();
  }
}

it('a damaged video file gives what can be read of it, or one error; it neither hangs nor ends the process', () =>
  fuzz({
    name: 'media-files',
    usually: 30,
    share: 0.02,
    inputs: fc.record({ clip: fc.nat({ max: CLIPS.length - 1 }), edits: anyEdits }),
    check: async ({ clip, edits }) => {
      const { name, bytes } = clips[clip] ?? { name: '', bytes: Buffer.alloc(0) };
      const path = join(folder, `damaged${extname(name)}`);
      await writeFile(path, editBytes(bytes, edits));

      const { frames, error } = await play(path);

      expect(frames).toBeLessThan(500);
      if (error !== undefined) {
        expect(error).toBeInstanceOf(DiptychError);
        expect((error as DiptychError).code).toMatch(/^DIPTYCH_E_(SOURCE_[A-Z]+|GRAPH|BAD_INPUT|CONFIG)$/);
      }
      expect(loadTestAddon().liveFrames()).toBe(0);
    },
  }));
