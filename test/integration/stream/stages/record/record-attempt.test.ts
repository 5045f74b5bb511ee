import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { playedLength } from '#src/shared/recordings/segment-file.adapter.js';
import { record } from '#src/stream/stages/record/record-attempt.adapter.js';
import { TileLog } from '#src/stream/stages/record/tile-log.js';
import { startProgram, type EncodedProgram } from '../publish/encoded-program.js';

let root: string;
let program: EncodedProgram;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'diptych-record-'));
  program = await startProgram();
});

afterEach(async () => {
  await program.close();
  await rm(root, { recursive: true, force: true });
});

const attempt = (signal: AbortSignal, onFile: () => void): Promise<void> =>
  record(
    {
      ...{ stream: 'main', root: { path: root, mayMake: true }, segmentS: 600, segmentMb: 1000 },
      ...{ nameOf: () => undefined, taps: program.taps, log: new TileLog() },
    },
    signal,
    ({ file }) => file !== undefined && onFile(),
  );

it('fails where pictures come no more, and leaves what it has, with its pictures', async () => {
  let onFile: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    onFile = resolve;
  });
  const failed = attempt(AbortSignal.timeout(120_000), onFile).catch((error: unknown) => error);
  await begun;

  program.pause();
  const error = await failed;

  expect(error).toMatchObject({ code: 'DIPTYCH_E_RECORDING' });
  expect(String(error)).toMatch(/no picture came/);
  const segments = (await readdir(join(root, 'main'))).filter((name) => name.endsWith('.mp4'));
  expect(segments).toHaveLength(1);
  expect(await playedLength(join(root, 'main', segments[0] ?? ''))).toMatchObject({ hasPicture: true });
});
