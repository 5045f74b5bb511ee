import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireProgram } from '../shared/programs/find-program.adapter.js';
import { copyFlvTail } from './flv-file.adapter.js';
import { lipSyncOf, parseMetadata } from './lip-sync.js';
import type { LipSync } from './soak-data.js';

/** Sound is looked at in pieces of 1 ms. */
const PIECE_SAMPLES = 48;

/**
 * How far flashes and bells of a scene are apart in the last seconds of a recording; `undefined`
 * where there is no pair.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_PROGRAM_MISSING` where ffmpeg is not installed.
 */
export async function measureLipSync(recording: string, seconds: number): Promise<LipSync | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'diptych-lips-'));
  try {
    const tail = join(folder, 'tail.flv');
    await copyFlvTail(recording, tail, seconds);
    return await lipSyncIn(tail);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * The same over a whole file of any format.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_PROGRAM_MISSING` where ffmpeg is not installed.
 */
export async function lipSyncIn(file: string): Promise<LipSync | undefined> {
  const ffmpeg = requireProgram('ffmpeg');
  const folder = await mkdtemp(join(tmpdir(), 'diptych-lips-'));
  try {
    const pictures = join(folder, 'pictures.txt');
    const sound = join(folder, 'sound.txt');
    const level = `asetnsamples=n=${PIECE_SAMPLES},astats=metadata=1:reset=1:measure_overall=Peak_level:measure_perchannel=none`;
    const child = spawn(
      ffmpeg,
      [
        ...['-v', 'error', '-nostdin', '-i', file],
        ...['-vf', `scale=64:36,signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=${pictures}`],
        ...['-af', `aresample=48000,${level},ametadata=print:key=lavfi.astats.Overall.Peak_level:file=${sound}`],
        ...['-f', 'null', '-'],
      ],
      { stdio: 'ignore' },
    );
    await once(child, 'close');
    const read = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');
    return lipSyncOf(
      parseMetadata(await read(pictures), 'lavfi.signalstats.YAVG'),
      parseMetadata(await read(sound), 'lavfi.astats.Overall.Peak_level'),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
