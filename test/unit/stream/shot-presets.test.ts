import { describe, expect, it } from 'vitest';
import { readFile } from 'node:fs/promises';
import { streamSchema } from '#src/shared/config/schema.js';
import { SHOT_PRESETS, type ShotPreset } from '#src/shared/domain/shot.js';
import { packagePath } from '#src/shared/package-root.js';
import { SHOT_PRESET_NUMBERS } from '#src/stream/domain/shot-presets.js';
import { pipelineOptions, type ChainParts } from '#src/stream/pipeline-options.js';
import { ShotFramer } from '#src/stream/stages/compose/shot-framer.js';
import { LiveConfig } from '#src/stream/supervision/live-config.js';
import { play, stay, walk, type Person } from './stages/shot/played-shots.js';

const config = (preset: ShotPreset) => streamSchema.parse({ source: { url: 'test:' }, shots: { preset } });

describe('presets', () => {
  it('change the chain that runs, and leave the options as they are', () => {
    const live = new LiveConfig(config('normal'));
    const { shots, layout } = pipelineOptions({
      config: live.view,
      backend: { artwork: { slateSize: { width: 1, height: 1 } } },
      pace: { answers: 'later' },
      addon: {},
    } as unknown as ChainParts);
    const read = () => [shots.preset, layout.smoothingS, layout.transitionS, layout.positionDeadZone];

    const before = read();
    live.set(config('calm'));

    expect(before).toEqual(['normal', 0.6, 0.6, 0.15]);
    expect(read()).toEqual(['calm', expect.closeTo(0.9), expect.closeTo(0.9), 0.21]);
    expect(live.view.framing).toMatchObject({ smoothingS: 0.6, transitionS: 0.6 });
  });

  it.each<{ preset: ShotPreset; leastS: number }>([
    { preset: 'calm', leastS: 4 },
    { preset: 'normal', leastS: 2 },
    { preset: 'lively', leastS: 1 },
  ])('$preset: a shot lasts at least $leastS s', ({ preset, leastS }) => {
    const people: readonly Person[] = [
      { id: 1, at: (tS) => (tS < 6 ? walk(400, 850, 5, 5.6)(tS) : walk(850, 400, 6, 6.6)(tS)) },
      { id: 2, at: stay(1200) },
    ];

    const [, together, split] = play(people, 14, { preset });

    expect((split!.sincePtsMs - together!.sincePtsMs) / 1000).toBeCloseTo(Math.max(leastS, 1.76), 0);
  });

  it.each<{ preset: ShotPreset; moves: boolean }>([
    { preset: 'calm', moves: false },
    { preset: 'normal', moves: true },
    { preset: 'lively', moves: true },
  ])('$preset: follows a step of 0.18 heads: $moves', ({ preset, moves }) => {
    const framer = new ShotFramer({ x: 900, eyesY: 500, height: 200 }, SHOT_PRESET_NUMBERS[preset]);

    for (let index = 0; index < 90; index += 1) framer.update(1 / 30, { x: 936, eyesY: 500, height: 200 });

    expect(Math.abs(framer.head.x - 900) > 10).toBe(moves);
  });

  it('are told in docs/shots.md with their numbers', async () => {
    const docs = await readFile(packagePath('docs/shots.md'), 'utf8');
    const rowOf = (label: string): readonly number[] =>
      (docs.split('\n').find((line) => line.startsWith(`| ${label}`)) ?? '')
        .split('|')
        .slice(2, 5)
        .map((cell) => Number.parseFloat(cell));
    const told = (read: (numbers: (typeof SHOT_PRESET_NUMBERS)[ShotPreset]) => number): readonly number[] =>
      SHOT_PRESETS.map((preset) => Math.round(read(SHOT_PRESET_NUMBERS[preset]) * 100) / 100);

    expect(rowOf('`shots.minS`')).toEqual(told(({ times }) => 2 * times.minS));
    expect(rowOf('`framing.smoothingS`')).toEqual(told(({ times }) => 0.6 * times.smoothingS));
    expect(rowOf('`framing.transitionS`')).toEqual(told(({ times }) => 0.6 * times.transitionS));
    expect(rowOf('a tile rests')).toEqual(told(({ positionDeadZone }) => positionDeadZone));
    expect(rowOf('it does not zoom')).toEqual(told(({ zoomDeadZone }) => 100 * zoomDeadZone));
    expect(rowOf('room in front of somebody who walks')).toEqual(told(({ walkRoom }) => 100 * walkRoom));
    expect(rowOf('the same of somebody who looks')).toEqual(told(({ gazeRoom }) => 100 * gazeRoom));
  });
});
