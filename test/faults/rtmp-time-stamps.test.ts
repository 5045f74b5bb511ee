import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { runRtmpTarget } from '#src/stream/stages/publish/rtmp-target.adapter.js';
import { startProgram, type EncodedProgram } from '../integration/stream/stages/publish/encoded-program.js';
import { startScriptedRtmpServer, type ReceivedTag, type ScriptedRtmpServer } from './scripted-rtmp-server.js';

/** FLV has whole milliseconds. */
const ROUNDING_MS = 2;
/** The muxer counts from the first buffer of either kind, and places the first picture roughly. */
const FIRST_STEPS = 2;

let program: EncodedProgram;
let server: ScriptedRtmpServer;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  program = await startProgram();
  server = await startScriptedRtmpServer();
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

afterAll(async () => {
  await program.close();
  await server.close();
});

/** Keeps every core busy, several times over. */
function overload(): void {
  for (let count = 0; count < 4; count++) {
    const burner = spawn(process.execPath, ['-e', 'setTimeout(() => process.exit(), 60000); for (;;) Math.sqrt(2)']);
    closing.push(() => burner.kill('SIGKILL'));
  }
}

const stepsOf = (tags: readonly ReceivedTag[], type: ReceivedTag['type']): number[] => {
  const times = tags.filter((tag) => tag.type === type && !tag.isHeader).map(({ timestampMs }) => timestampMs);
  return times
    .slice(1)
    .map((time, index) => time - (times[index] ?? 0))
    .slice(FIRST_STEPS);
};

it('time stamps rise evenly on a machine that is overloaded', async () => {
  const stop = new AbortController();
  const done = runRtmpTarget(
    { id: 'a', url: `rtmp://127.0.0.1:${server.port}/live/k` },
    program.taps,
    stop.signal,
    () => undefined,
  );
  const received = (): readonly ReceivedTag[] => server.publishings.at(-1)?.tags ?? [];
  while (received().length < 60) await delay(50);
  overload();
  await delay(8000);
  stop.abort();
  await done;

  const video = stepsOf(received(), 'video');
  const audio = stepsOf(received(), 'audio');

  expect(video.length).toBeGreaterThan(30);
  // Pictures that were not encoded leave gaps of whole periods; sound has none.
  const periodMs = 1000 / 30;
  for (const step of video) {
    expect(step).toBeGreaterThan(0);
    expect(Math.abs(step - periodMs * Math.max(1, Math.round(step / periodMs)))).toBeLessThanOrEqual(ROUNDING_MS);
  }
  for (const step of audio) expect(Math.abs(step - 1024 / 48)).toBeLessThanOrEqual(ROUNDING_MS);
});
