import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { outputSchema, type OutputConfig } from '#src/shared/config/schema.js';
import type { FrameHandle } from '#src/shared/domain/frame.js';
import { Graph } from '#src/stream/gst/graph.adapter.js';
import { loadTestAddon } from '../../../native/test-addon.js';
import { openEncoder, type EncoderInfo, type EncodeSession } from '#src/stream/stages/encode/encode-session.adapter.js';
import { rtpTimestampOf } from '#src/stream/stages/encode/rtp-time.js';
import type { VideoEncoder } from '#src/stream/stages/encode/video-encoder.adapter.js';
import { failingEncoder, withFallback } from './failing-encoder.js';
import { busyPicture, stillPicture } from './pictures.js';
import { RtpReceiver } from './rtp-receiver.js';

const addon = loadTestAddon();
const logger = { info: () => undefined, warn: () => undefined };
const closing: (() => unknown)[] = [];
let video: RtpReceiver;
let audio: RtpReceiver;

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

async function open(
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
async function feed(
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

function picture(handle: FrameHandle): FrameHandle {
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

const IDR = 5;
const SPS = 7;
const PPS = 8;
/** Time stamps of the pictures that hold a NAL unit of this type. */
const picturesWith = (type: number): number[] => [
  ...new Set(video.packets.filter(({ payload }) => nalTypes(payload).includes(type)).map(({ timestamp }) => timestamp)),
];

describe('RTP', () => {
  it('carries the time stamps that are foretold, from the SSRC and type asked for', async () => {
    const { session } = await open({ fps: 25 });

    const pushed = await feed(session, [picture(stillPicture({ width: 640, height: 360 }))], 25, 2);

    const seen = [...new Set(video.packets.map(({ timestamp }) => timestamp))];
    expect(seen).toEqual(pushed.slice(0, seen.length).map((ptsMs) => rtpTimestampOf(ptsMs)));
    expect(seen).toHaveLength(pushed.length);
    expect(new Set(video.packets.map(({ ssrc, payloadType }) => `${ssrc} ${payloadType}`))).toEqual(
      new Set(['1111 102']),
    );
    expect(new Set(audio.packets.map(({ ssrc, payloadType }) => `${ssrc} ${payloadType}`))).toEqual(
      new Set(['2222 111']),
    );
    expect(Math.max(...video.packets.map(({ payload }) => payload.length))).toBeLessThanOrEqual(1200 - 12);
    expect(session.stats.encodeMs).toBeGreaterThan(0);
  });

  it('has sender reports that put picture and sound on one clock', async () => {
    const { session } = await open({});

    await feed(session, [picture(stillPicture({ width: 640, height: 360 }))], 30, 3.5);

    const [pictures, sound] = [video.reports.at(-1), audio.reports.at(-1)];
    if (pictures === undefined || sound === undefined) throw new Error('no sender report came');
    // Running time at NTP 0, by each.
    const ofPictures = pictures.rtpTimestamp / 90_000 - pictures.ntpS;
    const ofSound = sound.rtpTimestamp / 48_000 - sound.ntpS;
    expect(Math.abs(ofPictures - ofSound)).toBeLessThan(0.01);
  });

  it('has sound without a gap although there is no source', async () => {
    const { session } = await open({});

    await feed(session, [picture(stillPicture({ width: 640, height: 360 }))], 30, 2);

    const steps = audio.packets
      .slice(1)
      .map(({ timestamp }, index) => timestamp - (audio.packets[index]?.timestamp ?? 0));
    expect(steps.length).toBeGreaterThan(70);
    expect(new Set(steps.slice(2))).toEqual(new Set([960]));
  });
});

describe('keyframes', () => {
  it('come every gopS seconds, with parameter sets, and pictures in the order of time', async () => {
    const { session } = await open({ fps: 30, gopS: 1 });

    await feed(
      session,
      [picture(stillPicture({ width: 640, height: 360 })), picture(busyPicture({ width: 640, height: 360 }, 1))],
      30,
      3.2,
    );

    const distances = picturesWith(IDR)
      .map((timestamp, index, all) => timestamp - (all[index - 1] ?? timestamp))
      .slice(1);
    expect(distances).toEqual([90_000, 90_000, 90_000]);
    expect(picturesWith(SPS)).toEqual(picturesWith(IDR));
    expect(picturesWith(PPS)).toEqual(picturesWith(IDR));
    const timestamps = video.packets.map(({ timestamp }) => timestamp);
    expect(timestamps).toEqual(timestamps.toSorted((a, b) => a - b));
  });

  it('come when asked for', async () => {
    const { session } = await open({ fps: 30, gopS: 10 });
    const still = [picture(stillPicture({ width: 640, height: 360 }))];
    await feed(session, still, 30, 1);
    expect(picturesWith(IDR)).toHaveLength(1);

    session.forceKeyframe();
    await feed(session, still, 30, 1);

    expect(picturesWith(IDR)).toHaveLength(2);
  });
});

describe('bitrate', () => {
  it.each([
    ['a still picture', [0]],
    ['a busy picture', [1, 2, 3, 4, 5]],
    ['a change from still to busy', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3]],
  ])('stays within 10 % over any 10 s: %s', async (_, seeds) => {
    const size = { width: 320, height: 180 };
    const { session, output } = await open({ ...size, fps: 30, bitrateKbps: 1500 });
    const pictures = new Map(
      [...new Set(seeds)].map((seed) => [seed, picture(seed === 0 ? stillPicture(size) : busyPicture(size, seed))]),
    );
    // Sizes are read off after each picture; time runs by PTS, so it may go faster than the clock.
    const bytes: number[] = [];
    const first = Math.ceil((addon.nowMs() * output.fps) / 1000);
    let before = 0;
    for (let index = 0; index < 12 * output.fps; index += 1) {
      const handle = pictures.get(seeds[index % seeds.length] ?? 0) ?? 0;
      session.push(handle, ((first + index) * 1000) / output.fps);
      while (addon.sinkStats(session.taps.video.graphId, session.taps.video.element).received <= index) await delay(1);
      const now = session.stats.bytes;
      bytes.push(now - before);
      before = now;
    }

    const window = 10 * output.fps;
    for (let start = 0; start + window <= bytes.length; start += 1) {
      const kbps = (bytes.slice(start, start + window).reduce((sum, each) => sum + each, 0) * 8) / 10_000;
      expect(Math.abs(kbps / output.bitrateKbps - 1)).toBeLessThan(0.1);
    }
  });
});

describe('sound', () => {
  it('of a source is heard, and silence follows when the source goes', async () => {
    const { session } = await open({});
    const source = await Graph.fromLaunch(
      [
        '# {graph} string: id',
        'audiotestsrc is-live=true do-timestamp=true wave=white-noise volume=0.5 ! audio/x-raw,format=S16LE,layout=interleaved,rate=48000,channels=2 ! diptychsink graph={graph} name=audio',
      ].join('\n'),
    );
    closing.push(() => source.close());
    addon.link({ graphId: source.id, element: 'audio' }, session.audioInput, {
      maxQueueMs: 500,
      startOnKeyframe: false,
    });
    // Opus makes silence very small.
    const sizes = (): number[] => audio.packets.slice(-10).map(({ payload }) => payload.length);

    source.play();
    await until(() => sizes().length === 10 && Math.min(...sizes()) > 100);
    await source.close();
    await until(() => Math.max(...sizes()) < 20);

    const steps = audio.packets.slice(1).map(({ sequence }, index) => sequence - (audio.packets[index]?.sequence ?? 0));
    expect(steps.every((step) => step === 1 || step === -65_535)).toBe(true);
  });
});

describe('an encoder that fails in mid-stream', () => {
  const size = { width: 640, height: 360 };

  it('gives way to the next one: RTP goes on from the same SSRC, in order, with a keyframe', async () => {
    const { session } = await open({ fps: 30, gopS: 10 }, (output) => withFallback(output, 'error'));
    const infos: EncoderInfo[] = [];
    session.info$.subscribe((info) => infos.push(info));
    const tap = session.taps.video.graphId;

    const pushed = await feed(session, [picture(busyPicture(size, 1))], 30, 3);

    expect(infos.map(({ encoder }) => encoder)).toEqual(['nvh264enc', 'x264enc']);
    expect(session.reason).toMatch(/on the CPU; nvh264enc failed: broken: .*/);
    expect(session.taps.video.graphId).not.toBe(tap);
    const packets = video.packets;
    expect(new Set(packets.map(({ ssrc }) => ssrc))).toEqual(new Set([1111]));
    const timestamps = [...new Set(packets.map(({ timestamp }) => timestamp))];
    expect(timestamps).toEqual(timestamps.toSorted((a, b) => a - b));
    const sequence = packets
      .slice(1)
      .map((packet, index) => (packet.sequence - (packets[index]?.sequence ?? 0)) & 0xffff);
    expect(new Set(sequence)).toEqual(new Set([1]));
    // Every picture but those that the failed encoder had taken: the last is there, few are missing.
    expect(timestamps.at(-1)).toBe(rtpTimestampOf(pushed.at(-1) ?? 0));
    expect(pushed.length - timestamps.length).toBeLessThan(8);
    // One keyframe from each, with the parameter sets of its encoder.
    expect(picturesWith(IDR)).toHaveLength(2);
    expect(picturesWith(SPS)).toEqual(picturesWith(IDR));
    expect(picturesWith(PPS)).toEqual(picturesWith(IDR));
    expect(session.stats.bytes).toBeGreaterThan(50_000);
  });

  it('gives way too where it hangs', async () => {
    const { session } = await open({ fps: 30 }, (output) => withFallback(output, 'hang', 10));

    await feed(session, [picture(stillPicture(size))], 30, 5);

    expect(session.encoder).toBe('x264enc');
    expect(session.reason).toContain('gave nothing');
    expect(picturesWith(IDR).length).toBeGreaterThan(1);
  });

  it('gives way where pictures lie in another memory for good', async () => {
    const { session } = await open({ fps: 30 }, (output) => [
      { ...failingEncoder(output, 'never'), inputMemory: 'cuda' },
      ...withFallback(output, 'never'),
    ]);

    await feed(session, [picture(stillPicture(size))], 30, 2);

    expect(session.inputMemory).toBe('system');
    expect(session.reason).toContain('pictures come in system memory');
    expect(picturesWith(IDR).length).toBeGreaterThan(0);
  });

  it('ends the session where there is no other', async () => {
    const { session } = await open({ fps: 30 }, (output) => [failingEncoder(output, 'error', 5)]);

    const failed = expect(session.failed).rejects.toMatchObject({ code: 'DIPTYCH_E_GRAPH' });
    await feed(session, [picture(stillPicture(size))], 30, 1);

    await failed;
  });

  it('and is closed in that very moment leaves nothing behind', async () => {
    const { session } = await open({ fps: 30 }, (output) => withFallback(output, 'error', 5));
    const still = picture(stillPicture(size));
    let slot = Math.ceil((addon.nowMs() * 30) / 1000);
    const feeding = setInterval(() => session.push(still, ((slot += 1) * 1000) / 30), 33);
    await until(() => addon.sinkStats(session.taps.video.graphId, 'h264').received >= 4);

    await session.close();
    clearInterval(feeding);

    expect(addon.liveFrames()).toBe(1);
  });
});

it('ends in under a second, twice without harm', async () => {
  const { session } = await open({});
  await feed(session, [picture(stillPicture({ width: 640, height: 360 }))], 30, 0.5);

  const startMs = performance.now();
  await Promise.all([session.close(), session.close()]);

  expect(performance.now() - startMs).toBeLessThan(1000);
  expect(() => session.push(1, 0)).not.toThrow();
});

async function until(isMet: () => boolean): Promise<void> {
  while (!isMet()) await delay(20);
}
