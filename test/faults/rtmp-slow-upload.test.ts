import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { readFlvTags } from '#src/bench/flv-file.adapter.js';
import { RecordingCounter } from '#src/bench/flv-scanner.js';
import { startRtmpServer, type RtmpServer } from '#src/bench/nginx-rtmp.adapter.js';
import type { TargetStatus } from '#src/shared/domain/stream-status.js';
import { ResourceStack } from '#src/shared/resource-stack.js';
import { TargetSupervisor } from '#src/stream/supervision/target-supervisor.adapter.js';
import { startProgram } from '../integration/stream/stages/publish/encoded-program.js';
import { openSlowLink } from './slow-link.js';

const FPS = 30;
const BITRATE_KBPS = 2000;
/** Half of what the pictures take. */
const SLOW_BYTES_PER_S = (BITRATE_KBPS * 1000) / 8 / 2;
const SLOW_S = 15;
/** 3 s may wait in the process; the rest is for the kernel, the server, and a busy machine. */
const MOST_LATE_S = 6.5;

/** Where the recording of a key is: seconds of its newest picture, pictures, and what is wrong. */
async function progress(server: RtmpServer, key: string): Promise<{ atS: number; counter: RecordingCounter }> {
  const counter = new RecordingCounter(FPS);
  let atS = 0;
  for (const file of await server.recordings(key)) {
    counter.beginFile();
    await readFlvTags(file, (tag) => {
      counter.add(tag);
      if (tag.kind === 'video' && tag.isMedia) atS = tag.timeMs / 1000;
    });
  }
  return { atS, counter };
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await delay(50);
}

it('an upload of half the bitrate: bounded delay, gaps up to a keyframe, no burst, others untouched', async () => {
  const resources = new ResourceStack();
  try {
    const program = resources.adopt(await startProgram({ fps: FPS, bitrateKbps: BITRATE_KBPS }), (one) => one.close());
    const server = resources.adopt(await startRtmpServer(), (one) => one.stop());
    const link = resources.adopt(await openSlowLink(server.port), (one) => one.close());
    const silent = { info: () => undefined, warn: () => undefined };
    const targets = resources.adopt(new TargetSupervisor({ taps: program.taps, logger: silent }), (one) => one.close());
    const status = (id: string): TargetStatus => targets.status.find((one) => one.id === id)!;
    targets.start({ id: 'slow', url: `rtmp://127.0.0.1:${link.port}/live/slow` });
    targets.start({ id: 'good', url: server.url('good') });
    await until(async () => (await progress(server, 'slow')).atS > 2);
    const lateS = async (): Promise<number> =>
      (await progress(server, 'good')).atS - (await progress(server, 'slow')).atS;
    const baseS = await lateS();

    link.limit(SLOW_BYTES_PER_S);
    const late: number[] = [];
    for (let second = 0; second < SLOW_S; second += 0.5) {
      await delay(500);
      late.push((await lateS()) - baseS);
    }
    const during = status('slow');
    const before = await progress(server, 'slow');
    link.limit(Infinity);
    await until(() => status('slow').state === 'live');
    const after = await progress(server, 'slow');
    await until(async () => (await lateS()) - baseS < 0.5);
    await targets.close();

    expect(Math.max(...late)).toBeLessThan(MOST_LATE_S);
    expect(during).toMatchObject({ state: 'stalled', retries: 0 });
    expect(during.dropped).toBeGreaterThan(FPS);
    // What comes at once on return is what may wait: pictures of the time before, not of all that time.
    const [ahead, came] = [after.counter.read().frames - before.counter.read().frames, (after.atS - before.atS) * FPS];
    expect(ahead).toBeLessThanOrEqual(came + 1);
    const slow = (await progress(server, 'slow')).counter.read();
    expect(slow).toMatchObject({ files: 1, backSteps: 0 });
    expect(slow.missing).toBeGreaterThanOrEqual(during.dropped);
    // The machine may leave pictures out for everybody; the slow one never makes the other wait.
    const good = (await progress(server, 'good')).counter.read();
    expect(good).toMatchObject({ files: 1, backSteps: 0 });
    expect(good.missing).toBeLessThan(during.dropped / 2);
  } finally {
    await resources.close();
  }
});
