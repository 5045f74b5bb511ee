import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onsetsOf, parseMetadata } from '#src/bench/lip-sync.js';
import { CUE_CYCLE_S, CUE_S, CUE_STARTS_S } from './odd-clock.js';
import type { OddTrackOptions } from './odd-tracks.js';

const run = promisify(execFile);
const FPS = 25;
const BRIGHT = 160;
const LOUD_DB = -30;
/** Sound is looked at in pieces of 1 ms. */
const PIECE_SAMPLES = 48;

const isFlash = CUE_STARTS_S.map((startS) => {
  const first = startS * FPS;
  return `between(mod(n\\,${CUE_CYCLE_S * FPS})\\,${first}\\,${first + CUE_S * FPS - 1})`;
}).join('+');

/** White during cues, dark else; each picture can be decoded by itself, so that some may be left out. */
export const FLASHES = {
  ...{ kind: 'h264', picture: 'color=c=0x303030', size: '320x180', fps: FPS, gop: 1, seconds: CUE_CYCLE_S },
  encoder: ['-vf', `drawbox=c=white:t=fill:enable='${isFlash}'`],
} as const satisfies OddTrackOptions;

/** A tone during cues. */
export const BEEPS = { kind: 'pcmu', hz: 1000, isBeeping: true } as const satisfies OddTrackOptions;

/** Times at which flashes and beeps begin in a recording, s. */
export interface Cues {
  readonly flashes: readonly number[];
  readonly beeps: readonly number[];
}

/** Finds the cues in anything that ffmpeg reads. */
export async function cuesOf(recording: string): Promise<Cues> {
  const folder = await mkdtemp(join(tmpdir(), 'diptych-cues-'));
  try {
    const [pictures, sound] = [join(folder, 'pictures.txt'), join(folder, 'sound.txt')];
    const level = `asetnsamples=n=${PIECE_SAMPLES},astats=metadata=1:reset=1:measure_overall=Peak_level:measure_perchannel=none`;
    await run('ffmpeg', [
      ...['-v', 'error', '-nostdin', '-copyts', '-i', recording],
      ...['-vf', `scale=64:36,signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=${pictures}`],
      ...['-af', `aresample=48000,${level},ametadata=print:key=lavfi.astats.Overall.Peak_level:file=${sound}`],
      ...['-f', 'null', '-'],
    ]);
    const brightness = parseMetadata(await readFile(pictures, 'utf8'), 'lavfi.signalstats.YAVG');
    const loudness = parseMetadata(await readFile(sound, 'utf8'), 'lavfi.astats.Overall.Peak_level');
    return { flashes: firstsOf(onsetsOf(brightness, BRIGHT)), beeps: firstsOf(onsetsOf(loudness, LOUD_DB)) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Without the second parts of cues that a busy machine has torn in two. */
const firstsOf = (onsets: readonly number[]): number[] =>
  onsets.filter((atS, n) => atS - (onsets[n - 1] ?? -1) > 2 * CUE_S);

/** How far each of these times is from the nearest of those, s. */
export const distances = (times: readonly number[], others: readonly number[]): number[] =>
  times.map((time) => others.map((other) => other - time).reduce((a, b) => (Math.abs(b) < Math.abs(a) ? b : a), 99));

/**
 * How much later than at first each cue of a recording came, s: what creeps, and what is skipped.
 *
 * @param rate - seconds of the camera's clock in one of ours
 */
export function lateness(times: readonly number[], rate = 1): number[] {
  const [first = 0, second = 0] = times;
  // The distance of the first two tells which of the cycle they are.
  const [start = 0, other = 0] = CUE_STARTS_S;
  const isFirst = Math.abs((second - first) * rate - (other - start)) < (CUE_CYCLE_S - 2 * (other - start)) / 2;
  const origin = isFirst ? start : other;
  const expected = Array.from({ length: 100 }, (_, cycle) =>
    CUE_STARTS_S.map((startS) => first + (cycle * CUE_CYCLE_S + startS - origin) / rate),
  ).flat();
  return distances(times, expected).map((toExpected) => -toExpected);
}
