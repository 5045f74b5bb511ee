import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect } from 'vitest';
import { outputSchema, type OutputConfig } from '#src/shared/config/schema.js';
import type { FrameHandle } from '#src/shared/domain/frame.js';
import { openEncoder, type EncodeSession } from '#src/stream/stages/encode/encode-session.adapter.js';
import type { VideoEncoder } from '#src/stream/stages/encode/video-encoder.adapter.js';
import { loadTestAddon } from '../../../native/test-addon.js';
import { RtpReceiver } from './rtp-receiver.js';

export const addon = loadTestAddon();
const logger = { info: () => undefined, warn: () => undefined };
/** What ends the test that runs, the last first. */
export const closing: (() => unknown)[] = [];
/** What the session of the test that runs sends to. */
export let video: RtpReceiver;
export let audio: RtpReceiver;

/** Gives each test of a file its receivers, and ends after the test what it has opened. */
export function useReceivers(): void {
  beforeEach(async () => {
    video = await RtpReceiver.open(1111, 102);
    audio = await RtpReceiver.open(2222, 111);
    closing.push(
      () => video.close(),
      () => audio.close(),
    );
  });

  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
    expect(addon.liveFrames()).toBe(0);
  });
}

/** A session that sends to the receivers; of 640 × 360 by x264 where `config` says nothing else. */
export async function open(
  config: Partial<OutputConfig>,
  encodersFor?: (output: OutputConfig) => readonly VideoEncoder[],
): Promise<{ session: EncodeSession; output: OutputConfig }> {
  const output = outputSchema.parse({ width: 640, height: 360, encoder: 'x264', ...config });
  const session = await openEncoder(output, {
    video: video.destination,
    audio: audio.destination,
    logger,
    ...(encodersFor && { encoders: encodersFor(output) }),
  });
  closing.push(() => session.close());
  return { session, output };
}

/** Pictures on the output grid in real time, each from the list in turn. @returns their PTS, milliseconds */
export async function feed(
  session: EncodeSession,
  pictures: readonly FrameHandle[],
  fps: number,
  seconds: number,
): Promise<number[]> {
  const pushed: number[] = [];
  const first = Math.ceil((addon.nowMs() * fps) / 1000);
  for (let index = 0; index < seconds * fps; index += 1) {
    const ptsMs = ((first + index) * 1000) / fps;
    await delay(Math.max(0, ptsMs - addon.nowMs()));
    const picture = pictures[index % pictures.length];
    if (picture !== undefined) session.push(picture, ptsMs);
    pushed.push(ptsMs);
  }
  await delay(300);
  return pushed;
}

/** A picture that the end of the test releases. */
export function picture(handle: FrameHandle): FrameHandle {
  closing.push(() => addon.release(handle));
  return handle;
}

const STAP_A = 24;
const FU_A = 28;

/** Types of the NAL units in an RTP payload (RFC 6184), also of aggregated ones and of parts. */
function nalTypes(payload: Buffer): number[] {
  const type = payload.readUInt8(0) & 0x1f;
  if (type === FU_A) return [payload.readUInt8(1) & 0x1f];
  if (type !== STAP_A) return [type];
  const types: number[] = [];
  for (let at = 1; at + 2 < payload.length; at += 2 + payload.readUInt16BE(at))
    types.push(payload.readUInt8(at + 2) & 0x1f);
  return types;
}

/** Types of NAL units (ITU-T H.264, table 7-1). */
export const IDR = 5;
export const SPS = 7;
export const PPS = 8;

/** Time stamps of the pictures that hold a NAL unit of this type. */
export const picturesWith = (type: number): number[] => [
  ...new Set(video.packets.filter(({ payload }) => nalTypes(payload).includes(type)).map(({ timestamp }) => timestamp)),
];

export async function until(isMet: () => boolean): Promise<void> {
  while (!isMet()) await delay(20);
}
