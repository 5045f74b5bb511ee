import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { logger, streamConfigFor } from '#src/bench/measured-chain.js';
import { rounded } from '#src/bench/measure.js';
import { longClip } from './long-clip.adapter.js';
import { gatewaySchema } from '#src/shared/config/schema.js';
import { LiveStream } from '#src/stream/live-stream.js';
import { loadTestAddon } from '../../integration/native/test-addon.js';
import type { StreamReport } from '#src/shared/ipc/messages.js';
import { openRtpSinks } from './rtp-sinks.js';
import type { Step } from './step.js';

const BEFORE_MS = 4_000;
const AFTER_LIMIT_MS = 20_000;
const POLL_MS = 15;
/** So many different pictures after the loss: it goes on. */
const CHANGES = 10;

/** A whole stream, encoder included, whose GPU is broken while it runs. */
export const loss: Step = {
  summary: 'the GPU fails in mid-stream: how long until pictures flow again',
  limitS: 60,
  async run({ put, isQuick }) {
    const addon = loadTestAddon();
    const config = streamConfigFor(
      await longClip(),
      isQuick ? { width: 640, height: 360 } : { width: 1920, height: 1080 },
    );
    const { gpu } = gatewaySchema.parse({ gpu: { use: 'require' } });
    const sinks = await openRtpSinks();
    const { video, audio } = sinks;
    const stop = new AbortController();
    const happened = new Map<string, number>();
    const report = (message: StreamReport): void => {
      if (message.type === 'event' && !happened.has(message.event.name))
        happened.set(message.event.name, addon.nowMs());
      if (message.type === 'status') state = message.status.gpu?.state ?? state;
    };
    let state = 'unknown';
    let stream: LiveStream | undefined;
    const running = LiveStream.run(
      { config, gpu, video, audio, logger, report },
      stop.signal,
      (ready) => (stream = ready),
    );
    running.catch(() => undefined);
    try {
      const deadlineMs = addon.nowMs() + AFTER_LIMIT_MS;
      while (stream === undefined && addon.nowMs() < deadlineMs) await Promise.race([delay(POLL_MS), running]);
      if (stream === undefined) throw new Error('the stream did not start');
      await Promise.race([delay(BEFORE_MS), running]);
      process.stderr.write(`before: gpu ${state}\n`);
      happened.clear();
      const brokenMs = addon.nowMs();
      addon.injectFault();
      const changesMs = await Promise.race([changedPictures(stream, brokenMs), running.then(() => [])]);
      const last = changesMs.at(-1);
      if (last === undefined || changesMs.length < CHANGES)
        throw new Error(`only ${changesMs.length} new pictures after the loss`);
      const tell = (name: string): string => {
        const atMs = happened.get(name);
        return atMs === undefined ? `no ${name}` : `${name} after ${rounded(atMs - brokenMs, 0)} ms`;
      };
      put({
        what: 'GPU broken → new pictures again, composed on the CPU',
        unit: 'ms',
        value: rounded(last - brokenMs, 0),
        note: `the ${CHANGES}th new one; the first after ${rounded(changesMs[0]! - brokenMs, 0)} ms; ${tell('gpu_lost')}; ${tell('source_opened')}; status says ${state}; ${addon.gpuLostReason() ?? 'no reason'}`,
      });
    } finally {
      stop.abort();
      await running.catch(() => undefined);
      sinks.close();
    }
  },
};

/** When each of the next pictures was first seen that differs from the one before. */
async function changedPictures(stream: LiveStream, sinceMs: number): Promise<readonly number[]> {
  const addon = loadTestAddon();
  const changes: number[] = [];
  let before: string | undefined;
  while (changes.length < CHANGES && addon.nowMs() - sinceMs < AFTER_LIMIT_MS) {
    // One that lies on the GPU can't be read any more.
    const jpeg = await stream.snapshot().catch(() => undefined);
    const now = jpeg && createHash('sha1').update(jpeg).digest('hex');
    if (now !== undefined && before !== undefined && now !== before) changes.push(addon.nowMs());
    before = now ?? before;
    await delay(POLL_MS);
  }
  return changes;
}
