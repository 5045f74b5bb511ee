import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { outputSchema } from '#src/shared/config/schema.js';
import type { MediaOrigins, RtpDestination } from '#src/shared/ipc/messages.js';
import { loadAddon } from '#src/stream/native/addon.adapter.js';
import { openEncoder, type EncodeSession } from '#src/stream/stages/encode/encode-session.adapter.js';
import { rtpOriginMs } from '#src/stream/stages/encode/rtp-origin.adapter.js';
import { rtpTimestampOf } from '#src/stream/stages/encode/rtp-time.js';
import { audio, closing, feed, IDR, picture, picturesWith, useReceivers, video } from './encode-fixture.js';
import { busyPicture } from './pictures.js';
import type { RtpPacket } from './rtp-receiver.js';

useReceivers();

const size = { width: 640, height: 360 };
const output = outputSchema.parse({ ...size, fps: 30, encoder: 'x264' });
const logger = { info: () => undefined, warn: () => undefined };

/** A session as a run that follows has it: from the ports of the one before, and silent until it is told. */
async function openRun(origins?: MediaOrigins): Promise<{ session: EncodeSession; origins: MediaOrigins }> {
  let reported = origins;
  const from = (to: RtpDestination, kind: 'video' | 'audio'): RtpDestination =>
    origins ? { ...to, from: origins[kind] } : to;
  const session = await openEncoder(output, {
    ...{ video: from(video.destination, 'video'), audio: from(audio.destination, 'audio'), logger },
    ...{ isHeld: origins !== undefined, onOrigins: (told) => (reported = told) },
  });
  closing.push(() => session.close());
  if (!reported) throw new Error('no ports were reported');
  return { session, origins: reported };
}

const steps = (packets: readonly RtpPacket[]): Set<number> =>
  new Set(packets.slice(1).map(({ sequence }, index) => (sequence - (packets[index]?.sequence ?? 0)) & 0xffff));

describe('media that another run goes on with', () => {
  it('is one stream for who receives it: the same ports, every number once, later time stamps, from a keyframe on', async () => {
    const former = await openRun();
    const next = await openRun(former.origins);
    const pictures = [picture(busyPicture(size, 1)), picture(busyPicture(size, 2))];
    const feeding = [feed(former.session, pictures, 30, 3), feed(next.session, pictures, 30, 4)];
    await delay(1500);
    const position = await former.session.media?.release();
    if (!position) throw new Error('the session sends nothing');
    const sent = { video: video.packets.length, audio: audio.packets.length };
    next.session.media?.send(position);
    await Promise.all(feeding);

    const { packets } = video;
    expect(next.origins).toEqual(former.origins);
    expect(sent.video).toBeGreaterThan(30);
    expect(packets.length).toBeGreaterThan(sent.video + 30);
    expect(audio.packets.length).toBeGreaterThan(sent.audio + 30);
    expect(steps(packets)).toEqual(new Set([1]));
    expect(steps(audio.packets)).toEqual(new Set([1]));
    const timestamps = packets.map(({ timestamp }) => timestamp);
    expect(timestamps).toEqual(timestamps.toSorted((a, b) => a - b));
    expect(picturesWith(IDR)).toContain(packets[sent.video]?.timestamp);
  });

  it('begins with nothing that is earlier than what was sent, also where that is still being encoded', async () => {
    const former = await openRun();
    const next = await openRun(former.origins);
    const pictures = [picture(busyPicture(size, 1)), picture(busyPicture(size, 2))];
    await feed(former.session, pictures, 30, 1);
    const position = await former.session.media?.release();
    if (!position) throw new Error('the session sends nothing');
    const sent = video.packets.length;
    const ptsMsOf = (tick: number): number => (tick * 1000) / 30;
    const first = Math.ceil((loadAddon().nowMs() * 30) / 1000);
    const lastTimestamp = rtpTimestampOf(ptsMsOf(first + 3), rtpOriginMs());

    next.session.media?.send({ ...position, video: { ...position.video, lastTimestamp } });
    for (let tick = first; tick < first + 6; tick++) {
      next.session.requestKeyframe(0);
      next.session.push(pictures[0]!, ptsMsOf(tick));
    }
    await delay(300);
    await feed(next.session, pictures, 30, 1);

    const timestamps = video.packets.slice(sent).map(({ timestamp }) => timestamp);
    expect(timestamps.length).toBeGreaterThan(10);
    expect(timestamps.filter((timestamp) => timestamp <= lastTimestamp)).toEqual([]);
  });
});
