import { afterEach, describe, expect, it, vi } from 'vitest';
import { sourceSchema } from '#src/shared/config/source-schema.js';
import { loadAddon } from '#src/stream/native/addon.adapter.js';
import { openSource } from '#src/stream/stages/ingest/source-session.adapter.js';
import type { SourceOptions } from '#src/stream/stages/ingest/source-session.js';
import { onCard } from '../integration/stream/stages/ingest/decoders.js';
import { orientationMessage, type SaidOrientation } from './cameras/orientation.js';
import type { OddTrackOptions } from './cameras/odd-tracks.js';
import { camera, closing } from './cameras/source.js';

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const addon = loadAddon();
const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined };
const WAIT = { timeout: 40_000, interval: 100 };
const FPS = 25;

/** Dark, with a light corner above on the left; of 320×180 pixels. */
const CORNERED: Extract<OddTrackOptions, { kind: 'h264' | 'h265' }> = {
  ...{ kind: 'h264', picture: 'color=black', size: '320x180', fps: FPS, gop: FPS, seconds: 4 },
  encoder: ['-vf', 'drawbox=x=0:y=0:w=iw/4:h=ih/4:color=white:t=fill'],
};

/** Where the light corner of a picture is, and which way the picture lies. */
function seen(luma: Uint8Array, width: number, height: number): string {
  const corners = { 'above left': [0, 0], 'above right': [1, 0], 'below left': [0, 1], 'below right': [1, 1] } as const;
  const at = (x: number, y: number): number =>
    luma[y * (height - 21) * width + 10 * width + x * (width - 21) + 10] ?? 0;
  const light = Object.entries(corners).filter(([, [x, y]]) => at(x, y) > 128);
  return `${width}x${height}, ${light.map(([name]) => name).join(' and ')}`;
}

/** Plays until the test ends. @returns what the newest picture looks like */
async function watch(url: string, config: object = {}, options: Partial<SourceOptions> = {}) {
  const session = await openSource(sourceSchema.parse({ url, ...config }), { pace: 'live', logger, ...options });
  closing.push(() => session.close());
  let newest = 'nothing';
  session.frames$.subscribe(({ handle, width, height }) => {
    newest = seen(addon.lumaSketch(handle, 1), width, height);
    addon.release(handle);
  });
  return { session, newest: () => newest };
}

const saying = (
  kind: 'h264' | 'h265',
  said: SaidOrientation,
  when = (n: number) => n % FPS === 0,
): OddTrackOptions => ({
  ...CORNERED,
  kind,
  before: (n) => (when(n) ? [orientationMessage(kind, said)] : []),
});

describe('a camera that says how it is mounted', () => {
  it.each<[SaidOrientation, string]>([
    [{ anticlockwise: 90 }, '180x320, below left'],
    [{ anticlockwise: 180 }, '320x180, below right'],
    [{ anticlockwise: 270 }, '180x320, above right'],
    [{ anticlockwise: 271.3 }, '180x320, above right'],
    [{ isMirrored: true }, '320x180, above right'],
    [{ isUpsideDown: true }, '320x180, below left'],
    [{ isMirrored: true, isUpsideDown: true }, '320x180, below right'],
    // Mirrored first, to the right; turned then, to the upper left.
    [{ isMirrored: true, anticlockwise: 90 }, '180x320, above left'],
  ])('is shown upright: %o', async (said, expected) => {
    const { url } = await camera({ tracks: [saying('h264', said)] });

    const { newest } = await watch(url);

    await vi.waitFor(() => expect(newest()).toBe(expected), WAIT);
  });

  it('is shown upright with H.265 too', async () => {
    const { url } = await camera({ tracks: [saying('h265', { anticlockwise: 90 })] });

    const { newest } = await watch(url);

    await vi.waitFor(() => expect(newest()).toBe('180x320, below left'), WAIT);
  });

  it.each<[string, (n: number) => SaidOrientation | undefined]>([
    ['that it is turned no more', (n) => (n < 2 * FPS ? { anticlockwise: 90 } : { isCancelled: true })],
    ['nothing any more', (n) => (n < 2 * FPS ? { anticlockwise: 90 } : undefined)],
  ])('is followed while it plays, also where it says %s', async (_, saidAt) => {
    const before = (n: number): Buffer[] => {
      const said = n % FPS === 0 ? saidAt(n) : undefined;
      return said ? [orientationMessage('h264', said)] : [];
    };
    const { url } = await camera({ tracks: [{ ...CORNERED, before }] });

    const { newest } = await watch(url);

    for (const expected of ['180x320, below left', '320x180, above left', '180x320, below left']) {
      await vi.waitFor(() => expect(newest()).toBe(expected), { ...WAIT, interval: 20 });
    }
  });

  it('is not followed with source.rotate 0', async () => {
    const { url } = await camera({ tracks: [saying('h264', { anticlockwise: 90 })] });

    const { newest } = await watch(url, { rotate: '0' });

    await vi.waitFor(() => expect(newest()).toBe('320x180, above left'), WAIT);
  });

  it('is decoded to system memory where the GPU could not turn its pictures', async () => {
    const { url } = await camera({ tracks: [saying('h264', { anticlockwise: 90 })] });

    const { session, newest } = await watch(url, {}, { memory: 'cuda', decoders: onCard });
    let reason: string | undefined;
    session.info$.subscribe(({ decoderReason }) => (reason = decoderReason));

    await vi.waitFor(() => expect(newest()).toBe('180x320, below left'), WAIT);
    expect(reason).toContain('turned');
  });
});
