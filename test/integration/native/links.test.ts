import { firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import type { Graph } from '#src/stream/gst/graph.adapter.js';
import { loadTestAddon } from './test-addon.js';
import { build, closeGraphs, until } from './test-graphs.js';

const addon = loadTestAddon();

const ENCODER =
  'videotestsrc is-live=true ! video/x-raw,format=I420,width=64,height=48,framerate=60/1 ! x264enc tune=zerolatency key-int-max=600 ! video/x-h264,stream-format=byte-stream ! diptychsink name=out graph={graph}';
const DECODER =
  'diptychsrc name=in graph={graph} ! h264parse ! avdec_h264 max-threads=1 ! diptychsink name=s graph={graph}';
const LINK = { maxQueueMs: 1000, startOnKeyframe: true };

const output = (graph: Graph): { graphId: string; element: string } => ({ graphId: graph.id, element: 'out' });
const input = (graph: Graph): { graphId: string; element: string } => ({ graphId: graph.id, element: 'in' });

/** Plays until more than so many pictures have come out: their time stamps, and what went wrong meanwhile. */
async function play(decoder: Graph, pictures: number): Promise<{ problems: number; ptsMs: readonly number[] }> {
  let problems = 0;
  const ptsMs: number[] = [];
  decoder.messages$.subscribe(({ type }) => (problems += type === 'warning' || type === 'error' ? 1 : 0));
  decoder.frames('s').subscribe((frame) => {
    ptsMs.push(frame.ptsMs);
    addon.release(frame.handle);
  });
  decoder.play();
  await until(() => ptsMs.length > pictures);
  return { problems, ptsMs };
}

afterEach(async () => {
  await closeGraphs();
  expect(addon.liveFrames()).toBe(0);
});

describe('link', () => {
  it('carries encoded video with caps and PTS to several graphs', async () => {
    const encoder = await build(ENCODER);
    const decoders = [await build(DECODER), await build(DECODER)];
    for (const decoder of decoders) {
      addon.link(output(encoder), input(decoder), LINK);
      decoder.play();
    }
    const firsts = decoders.map((decoder) => firstValueFrom(decoder.frames('s')));
    const startMs = addon.nowMs();
    encoder.play();

    for (const frame of await Promise.all(firsts)) {
      expect(frame).toMatchObject({ width: 64, height: 48 });
      expect(frame.ptsMs).toBeGreaterThanOrEqual(startMs);
      expect(frame.ptsMs).toBeLessThanOrEqual(frame.arrivedMs);
      addon.release(frame.handle);
    }
  });

  it('made in mid-stream asks for a keyframe rather than wait for the next one', async () => {
    const encoder = await build(ENCODER);
    encoder.play();
    await until(() => addon.sinkStats(encoder.id, 'out').received > 30);
    const decoder = await build(DECODER);
    decoder.play();
    const first = firstValueFrom(decoder.frames('s'));
    const linkedMs = addon.nowMs();
    addon.link(output(encoder), input(decoder), LINK);

    // The encoder's own next keyframe would be 10 s away.
    const frame = await first;
    expect(frame.ptsMs - linkedMs).toBeLessThan(5000);
    expect(addon.sourceStats(decoder.id, 'in').dropped).toBe(0);
    addon.release(frame.handle);
  });

  it('to a graph that does not play keeps the start of what fits, and never holds up the sink', async () => {
    const encoder = await build(ENCODER);
    const dead = await build(DECODER);
    addon.link(output(encoder), input(dead), { maxQueueMs: 200, startOnKeyframe: true });
    encoder.play();
    await until(() => addon.sinkStats(encoder.id, 'out').received > 60);

    const stats = addon.sourceStats(dead.id, 'in');
    expect(stats.queuedMs).toBeLessThanOrEqual(200);
    expect(stats.queuedMs).toBeGreaterThan(100);
    expect(stats.dropped).toBeGreaterThan(30);
    // Nothing follows before the next keyframe, so what is kept can be decoded.
    expect(stats.pushed).toBeLessThan(20);
  });

  it('goes on from a keyframe after it was full', async () => {
    const encoder = await build(ENCODER.replace('key-int-max=600', 'key-int-max=15'));
    const decoder = await build(DECODER);
    addon.link(output(encoder), input(decoder), { maxQueueMs: 100, startOnKeyframe: true });
    encoder.play();
    await until(() => addon.sourceStats(decoder.id, 'in').dropped > 10);
    const { problems } = await play(decoder, 40);

    expect(problems).toBe(0);
  });

  it.each([
    ['keeps what waits from its newest keyframe on', 15, 1000],
    ['keeps nothing where no keyframe is recent enough, and goes on from the next', 60, 200],
  ])('with drop: oldest %s', async (_what, gopFrames, maxQueueMs) => {
    const encoder = await build(ENCODER.replace('key-int-max=600', `key-int-max=${gopFrames}`));
    const decoder = await build(DECODER);
    addon.link(output(encoder), input(decoder), { maxQueueMs, startOnKeyframe: true, drop: 'oldest' });
    let longestMs = 0;
    encoder.play();
    await until(() => {
      const { queuedMs, dropped } = addon.sourceStats(decoder.id, 'in');
      longestMs = Math.max(longestMs, queuedMs);
      return dropped > 150;
    });
    const beganMs = addon.nowMs();
    const { problems, ptsMs } = await play(decoder, 70);

    expect(longestMs).toBeLessThanOrEqual(maxQueueMs);
    expect(problems).toBe(0);
    // What comes out first is no older than what may wait, with the time that a busy machine takes to start.
    expect(beganMs - ptsMs[0]!).toBeLessThan(maxQueueMs + 500);
  });

  it('drops the oldest of raw audio', async () => {
    const source = await build(
      'audiotestsrc is-live=true samplesperbuffer=480 ! audio/x-raw,rate=48000 ! diptychsink name=out graph={graph}',
    );
    const dead = await build('diptychsrc name=in graph={graph} ! fakesink');
    addon.link(output(source), input(dead), { maxQueueMs: 100, startOnKeyframe: false });
    source.play();
    await until(() => addon.sinkStats(source.id, 'out').received > 50);

    const { pushed, dropped, queuedMs } = addon.sourceStats(dead.id, 'in');
    expect(pushed).toBeGreaterThan(40);
    expect(dropped).toBeGreaterThan(20);
    expect(queuedMs).toBeLessThanOrEqual(100);
  });

  it('ends with unlink, and with either graph', async () => {
    const encoder = await build(ENCODER);
    const [one, other] = [await build(DECODER), await build(DECODER)];
    addon.link(output(encoder), input(one), LINK);
    addon.link(output(encoder), input(other), LINK);
    encoder.play();
    await until(() => addon.sourceStats(one.id, 'in').pushed > 0);
    await other.close();
    addon.unlink(output(encoder), input(one));
    const { pushed } = addon.sourceStats(one.id, 'in');
    const { received } = addon.sinkStats(encoder.id, 'out');
    await until(() => addon.sinkStats(encoder.id, 'out').received > received + 10);

    expect(addon.sourceStats(one.id, 'in').pushed).toBe(pushed);
  });

  it('refuses ends that are none', async () => {
    const encoder = await build(ENCODER);

    expect(() => addon.link(output(encoder), { graphId: encoder.id, element: 'out' }, LINK)).toThrow(
      'element: expected the name of a diptychsrc, got "out"',
    );
    expect(() => addon.link(output(encoder), input(encoder), LINK)).toThrow(TypeError);
  });
});

describe('forceKeyUnit', () => {
  it('makes the next picture a keyframe with headers', async () => {
    const encoder = await build(
      'diptychsrc name=in graph={graph} max-queue-ms=5000 caps=video/x-raw,format=I420,width=64,height=48,framerate=25/1 ! x264enc tune=zerolatency key-int-max=600 ! video/x-h264,stream-format=byte-stream ! diptychsink name=out graph={graph}',
    );
    const handle = addon.createFrame({ width: 64, height: 48 }, 'I420', new Uint8Array(64 * 72));
    const push = (index: number): Promise<number> => {
      const { received, bytes } = addon.sinkStats(encoder.id, 'out');
      addon.pushFrame(encoder.id, 'in', handle, 1000 + index * 40);
      return until(() => addon.sinkStats(encoder.id, 'out').received > received).then(
        () => addon.sinkStats(encoder.id, 'out').bytes - bytes,
      );
    };
    encoder.play();
    const sizes: number[] = [];
    for (let index = 0; index < 6; index += 1) {
      if (index === 4) addon.forceKeyUnit(encoder.id, 'in');
      sizes.push(await push(index));
    }
    addon.release(handle);

    // A still picture: only a keyframe with SPS and PPS is more than a few bytes.
    const [, second = 0, , fourth = 0, fifth = 0, sixth = 0] = sizes;
    expect(fifth).toBeGreaterThan(2 * Math.max(second, fourth, sixth));
  });
});

describe('hold', () => {
  it('keeps what came before the first link, with time stamps put back by advanceMs', async () => {
    const encoder = await build(ENCODER);
    addon.hold(output(encoder));
    encoder.play();
    await until(() => addon.sinkStats(encoder.id, 'out').received > 20);
    const decoder = await build(DECODER);
    const first = firstValueFrom(decoder.frames('s'));
    decoder.play();
    const linkedMs = addon.nowMs();
    addon.link(output(encoder), input(decoder), { maxQueueMs: 5000, startOnKeyframe: false, advanceMs: -10_000 });

    const frame = await first;

    // The keyframe that the encoder began with, which would be gone.
    expect(frame.ptsMs - 10_000).toBeLessThan(linkedMs);
    expect(frame.ptsMs).toBeGreaterThan(10_000);
    expect(addon.sourceStats(decoder.id, 'in').dropped).toBe(0);
    addon.release(frame.handle);
  });

  it('refuses what is no time', async () => {
    const encoder = await build(ENCODER);
    const decoder = await build(DECODER);

    const options = { ...LINK, advanceMs: Number.NaN };

    expect(() => addon.link(output(encoder), input(decoder), options)).toThrow('options.advanceMs');
  });
});

describe('pushBytes', () => {
  it('gives bytes with the caps of the element', async () => {
    const graph = await build(
      'diptychsrc name=in graph={graph} caps=text/plain ! diptychsink name=out graph={graph} ends-graph=false',
    );
    graph.play();

    addon.pushBytes(graph.id, 'in', Buffer.from('five!'), { ptsMs: 70, dtsMs: 40 });

    await until(() => addon.sinkStats(graph.id, 'out').received === 1);
    expect(addon.sinkStats(graph.id, 'out')).toMatchObject({ bytes: 5, lastPtsMs: 70 });
    expect(() => addon.pushBytes(graph.id, 'in', 'text' as never)).toThrow('bytes: expected a Uint8Array');
  });
});

describe('moveLinks', () => {
  it('lets another graph feed what one has fed, from its next keyframe on', async () => {
    const [first, second] = [await build(ENCODER), await build(ENCODER.replace('width=64', 'width=80'))];
    const decoders = [await build(DECODER), await build(DECODER)];
    const seen = decoders.map((decoder) => {
      const widths: number[] = [];
      decoder.frames('s').subscribe(({ handle, width }) => {
        addon.release(handle);
        if (widths.at(-1) !== width) widths.push(width);
      });
      addon.link(output(first), input(decoder), LINK);
      decoder.play();
      return widths;
    });
    first.play();
    second.play();
    await until(() => seen.every((widths) => widths.length === 1));
    await until(() => addon.sinkStats(second.id, 'out').received > 30);

    addon.moveLinks(output(first), output(second));
    await until(() => seen.every((widths) => widths.length === 2));

    expect(seen).toEqual([
      [64, 80],
      [64, 80],
    ]);
    const fed = addon.sourceStats(decoders[0]?.id ?? '', 'in').pushed;
    await first.close();
    await until(() => addon.sourceStats(decoders[0]?.id ?? '', 'in').pushed > fed + 30);
  });

  it('refuses what is no tap', async () => {
    const graph = await build(ENCODER);

    expect(() => addon.moveLinks(output(graph), { graphId: graph.id, element: 'none' })).toThrow(TypeError);
    addon.moveLinks(output(graph), output(graph));
  });
});
