import { describe, expect, it } from 'vitest';
import type { EncoderInfo } from '#src/stream/stages/encode/encode-session.adapter.js';
import { rtpOriginMs } from '#src/stream/stages/encode/rtp-origin.adapter.js';
import { rtpTimestampOf } from '#src/stream/stages/encode/rtp-time.js';
import {
  addon,
  feed,
  IDR,
  open,
  picture,
  picturesWith,
  PPS,
  SPS,
  until,
  useReceivers,
  video,
} from './encode-fixture.js';
import { failingEncoder, withFallback } from './failing-encoder.js';
import { busyPicture, stillPicture } from './pictures.js';

useReceivers();

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
    expect(timestamps.at(-1)).toBe(rtpTimestampOf(pushed.at(-1) ?? 0, rtpOriginMs()));
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
