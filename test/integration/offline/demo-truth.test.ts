import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { center, type Box } from '#src/shared/domain/box.js';
import { positionAt } from '#src/test-camera/scene.js';
import { samePersonTwice } from '../../unit/stream/stages/compose/same-person.js';
import { renderScene } from '#src/test-camera/scene-renderer.adapter.js';
import { DEMO_SCENE } from '#src/test-camera/scenes.js';

const run = promisify(execFile);

interface FrameLine {
  readonly event: string;
  readonly ptsMs: number;
  readonly sourcePtsMs: number;
  readonly layout: string;
  readonly slots: readonly (number | null)[];
  readonly people: readonly { readonly trackId: number; readonly name?: string; readonly box: Box }[];
  readonly marks: readonly { readonly name: string; readonly dest: Box; readonly alpha: number }[];
  readonly regions: readonly {
    readonly trackId?: number;
    readonly crop: Box;
    readonly dest: Box;
    readonly alpha: number;
  }[];
}

/** Of the people of the scene: the first one begins on the left. */
const NAMES = ['Anna', 'Ben'] as const;
const SOURCE = { width: 1920, height: 1080 };
/** A face that is less visible than this is hidden. */
const VISIBLE = 0.5;

/** The whole product over the demo scene, whose truth is exact: paths are formulas. */
describe('diptych render of the demo scene', () => {
  let folder: string;
  let output: string;
  let frames: readonly FrameLine[];
  let summary: { readonly frames: { readonly in: number; readonly out: number; readonly repeated: number } };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'diptych-render-'));
    output = join(folder, 'out.mp4');
    const events = join(folder, 'events.jsonl');
    const scene = await renderScene(DEMO_SCENE, { audio: 'aac' });
    const { stdout } = await run(process.execPath, [
      'dist/main.js',
      'render',
      scene,
      output,
      '--events',
      events,
      ...NAMES.flatMap((name) => ['--name', name]),
    ]);
    summary = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as typeof summary;
    frames = (await readFile(events, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as FrameLine)
      .filter(({ event }) => event === 'frame');
  }, 600_000);

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('shows every source frame once', () => {
    expect(summary.frames).toEqual({ in: 1800, out: 1800, repeated: 0 });
    expect(frames).toHaveLength(1800);
  });

  it('writes a file that plays anywhere, with the sound of its source', async () => {
    const { stdout } = await run('ffprobe', [
      ...['-v', 'error', '-of', 'json', '-show_entries'],
      'stream=codec_name,width,height,avg_frame_rate,nb_frames,duration',
      output,
    ]);
    const { streams } = JSON.parse(stdout) as { readonly streams: readonly Record<string, string | number>[] };

    expect(streams).toContainEqual(
      expect.objectContaining({
        codec_name: 'h264',
        width: 1920,
        height: 1080,
        avg_frame_rate: '30/1',
        nb_frames: '1800',
      }),
    );
    const sound = streams.find(({ codec_name }) => codec_name === 'aac');
    expect(Number(sound?.['duration'])).toBeCloseTo(60, 0);
  });

  it('has the right person in the right tile while both can be seen', () => {
    const seen = frames.flatMap((frame) => {
      const tS = frame.sourcePtsMs / 1000;
      const truth = [0, 1].map((person) => positionAt(DEMO_SCENE, person, tS, SOURCE));
      if (truth.some(({ visibleRatio }) => visibleRatio < VISIBLE)) return [];
      const xs = truth.map(({ face }) => center(face).x) as [number, number];
      const leftPerson = xs[0] < xs[1] ? 0 : 1;
      const personOf = (trackId: number | null | undefined): number | undefined => {
        const found = frame.people.find((person) => person.trackId === trackId);
        if (!found) return undefined;
        const { x } = center(found.box);
        return Math.abs(x - xs[0]) < Math.abs(x - xs[1]) ? 0 : 1;
      };
      const isRight = personOf(frame.slots[0]) === leftPerson && personOf(frame.slots[1]) === 1 - leftPerson;
      return [{ tS, isRight }];
    });
    const wrong = seen.filter(({ isRight }) => !isRight).map(({ tS }) => tS.toFixed(2));

    expect(seen.length).toBeGreaterThan(1300);
    expect(1 - wrong.length / seen.length, `wrong at ${wrong.join(' ')} s`).toBeGreaterThanOrEqual(0.98);
  });

  it('has the name of a person under their picture, through crossings, and when one has come back', () => {
    const seen = frames.flatMap((frame) => {
      const tS = frame.sourcePtsMs / 1000;
      const truth = NAMES.map((_name, person) => positionAt(DEMO_SCENE, person, tS, SOURCE));
      if (truth.some(({ visibleRatio }) => visibleRatio < VISIBLE)) return [];
      return frame.marks.flatMap(({ name, dest, alpha }) => {
        // The tile over which the plate lies, and the face that is above it.
        const middle = center(dest);
        const tile = frame.regions.findLast(
          (region) =>
            region.alpha > 0.5 &&
            middle.x >= region.dest.x &&
            middle.x < region.dest.x + region.dest.width &&
            middle.y < region.dest.y + region.dest.height,
        );
        if (!tile || alpha < 0.5) return [];
        const scale = tile.dest.width / tile.crop.width;
        const offsets = truth.map(({ face }) =>
          Math.abs(tile.dest.x + (center(face).x - tile.crop.x) * scale - middle.x),
        );
        const shown = NAMES[(offsets[0] ?? 0) < (offsets[1] ?? 0) ? 0 : 1];
        return [{ tS, isRight: shown === name }];
      });
    });
    const wrong = seen.filter(({ isRight }) => !isRight).map(({ tS }) => tS.toFixed(2));
    const last = frames.at(-1)?.people.map(({ name }) => name);

    expect(seen.length).toBeGreaterThan(2400);
    expect(1 - wrong.length / seen.length, `wrong at ${wrong.join(' ')} s`).toBeGreaterThanOrEqual(0.98);
    expect(last?.toSorted()).toEqual(NAMES);
  });

  it('never shows the same person in two tiles for longer than 0.2 s', () => {
    const { share, longestS } = samePersonTwice(
      frames.map((frame) => ({
        tS: frame.sourcePtsMs / 1000,
        plan: { regions: frame.regions.map((region) => ({ ...region, content: 'source' as const })) },
        heads: [0, 1]
          .map((person) => positionAt(DEMO_SCENE, person, frame.sourcePtsMs / 1000, SOURCE))
          .filter(({ visibleRatio }) => visibleRatio >= VISIBLE)
          .map(({ face }) => center(face)),
      })),
      SOURCE,
    );

    console.log(
      `demo, rendered: the same person in two tiles ${(share * 100).toFixed(2)} %, longest ${longestS.toFixed(2)} s`,
    );
    expect(longestS).toBeLessThanOrEqual(0.2);
  });

  it('shows two tiles, one frame while people cross, and one person alone while the other is away', () => {
    const layoutAt = (tS: number): string | undefined =>
      frames.find(({ sourcePtsMs }) => sourcePtsMs >= tS * 1000)?.layout;

    expect([layoutAt(5), layoutAt(15), layoutAt(43), layoutAt(56)]).toEqual(['dual', 'together', 'single', 'dual']);
  });

  it('gives the same result again', async () => {
    const clip = join(folder, 'clip.mkv');
    const scene = await renderScene(DEMO_SCENE, { audio: 'aac' });
    await run('ffmpeg', ['-v', 'error', '-i', scene, '-t', '4', '-c', 'copy', clip]);
    const results = [];
    for (const name of ['first', 'second']) {
      const events = join(folder, `${name}.jsonl`);
      await run(process.execPath, ['dist/main.js', 'render', clip, join(folder, `${name}.mp4`), '--events', events]);
      const { stdout: pictures } = await run('ffmpeg', [
        ...['-v', 'error', '-i', join(folder, `${name}.mp4`), '-map', '0:v', '-c', 'copy', '-f', 'md5', '-'],
      ]);
      results.push({
        pictures,
        events: createHash('md5')
          .update(await readFile(events))
          .digest('hex'),
      });
    }

    expect(results[0]?.pictures).toMatch(/^MD5=/);
    expect(results[0]).toEqual(results[1]);
  });
});
