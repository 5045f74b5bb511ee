import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Graph } from '#src/stream/gst/graph.adapter.js';
import type { EncodeSession } from '#src/stream/stages/encode/encode-session.js';
import { rtpOriginMs } from '#src/stream/stages/encode/rtp-origin.adapter.js';
import { rtpTimestampOf } from '#src/stream/stages/encode/rtp-time.js';
import {
  addon,
  audio,
  closing,
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
import { busyPicture, stillPicture } from './pictures.js';

useReceivers();

describe('RTP', () => {
  it('carries the time stamps that are foretold, from the SSRC and type asked for', async () => {
    const { session } = await open({ fps: 25 });

    const pushed = await feed(session, [picture(stillPicture({ width: 640, height: 360 }))], 25, 2);

    const seen = [...new Set(video.packets.map(({ timestamp }) => timestamp))];
    expect(seen).toEqual(pushed.slice(0, seen.length).map((ptsMs) => rtpTimestampOf(ptsMs, rtpOriginMs())));
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
    // Each clock wraps by itself; every number of wraps of both is a multiple of this, s.
    const wrapS = 2 ** 32 / 720_000;
    const difference = ofPictures - ofSound;
    expect(Math.abs(difference - Math.round(difference / wrapS) * wrapS)).toBeLessThan(0.01);
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

    session.requestKeyframe(0);
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

/** Noise that reaches the encoder, from when the graph plays, always as late as that after its time. */
async function noise({ audioInput }: EncodeSession, lateMs = 0): Promise<Graph> {
  const late = `queue max-size-buffers=0 max-size-bytes=0 max-size-time=0 min-threshold-time=${lateMs * 1_000_000}`;
  const source = await Graph.fromLaunch(
    [
      '# {graph} string: id',
      `audiotestsrc is-live=true do-timestamp=true wave=white-noise volume=0.5 ! audio/x-raw,format=S16LE,layout=interleaved,rate=48000,channels=2 ! ${late} ! diptychsink graph={graph} name=audio`,
    ].join('\n'),
  );
  closing.push(() => source.close());
  addon.link({ graphId: source.id, element: 'audio' }, audioInput, { maxQueueMs: 500, startOnKeyframe: false });
  return source;
}

/** Opus makes silence very small. */
const sizes = (count = 10): number[] => audio.packets.slice(-count).map(({ payload }) => payload.length);

describe('sound', () => {
  it('of a source is heard, and silence follows when the source goes', async () => {
    const { session } = await open({});
    const source = await noise(session);

    source.play();
    await until(() => sizes().length === 10 && Math.min(...sizes()) > 100);
    await source.close();
    await until(() => Math.max(...sizes()) < 20);

    const steps = audio.packets.slice(1).map(({ sequence }, index) => sequence - (audio.packets[index]?.sequence ?? 0));
    expect(steps.every((step) => step === 1 || step === -65_535)).toBe(true);
  });

  it('is heard although it always comes late, as from a process with much to do', async () => {
    const { session } = await open({});
    const source = await noise(session, 180);

    source.play();
    await until(() => sizes(100).length === 100 && Math.min(...sizes(100)) > 100);

    expect(addon.sourceStats(session.audioInput.graphId, session.audioInput.element).dropped).toBe(0);
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
