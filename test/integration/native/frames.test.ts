import { Worker } from 'node:worker_threads';
import { firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { loadTestAddon } from './test-addon.js';
import { build, closeGraphs, nextMessage } from './test-graphs.js';

const addon = loadTestAddon();

afterEach(async () => {
  await closeGraphs();
  expect(addon.liveFrames()).toBe(0);
});

describe('a frame by its handle', () => {
  const size = { width: 6, height: 4 };
  const I420 = Uint8Array.from({ length: 36 }, (_, index) => index);

  it.each(['I420', 'NV12'] as const)('gives back the %s pixels it was made of', (format) => {
    const handle = addon.createFrame(size, format, I420);

    expect(addon.readFrame(handle)).toEqual(I420);
    expect(addon.frameInfo(handle)).toMatchObject({ handle, ...size, format, memory: 'system' });
    addon.release(handle);
  });

  it('has half-size chroma planes that round up', () => {
    const odd = { width: 5, height: 3 };
    const data = Uint8Array.from({ length: 15 + 2 * 6 }, (_, index) => 200 - index);
    const handle = addon.createFrame(odd, 'I420', data);

    expect(addon.readFrame(handle)).toEqual(data);
    addon.release(handle);
  });

  it('lives until the last reference is released', () => {
    const handle = addon.createFrame(size, 'I420', I420);
    addon.retain(handle);
    addon.release(handle);
    expect(addon.liveFrames()).toBe(1);

    addon.release(handle);

    expect(addon.liveFrames()).toBe(0);
    expect(() => addon.frameInfo(handle)).toThrow(`handle: expected the handle of a living frame, got ${handle}`);
  });

  it('goes to a worker thread by its number', async () => {
    const handle = addon.createFrame(size, 'I420', I420);
    addon.retain(handle);
    const worker = new Worker(new URL('./fixtures/frame-worker.cjs', import.meta.url), { workerData: handle });
    const sum = await new Promise((done, fail) => worker.once('message', done).once('error', fail));
    await worker.terminate();

    expect(sum).toBe(I420.reduce((total, value) => total + value, 0));
    addon.release(handle);
  });

  const wrong: readonly [what: string, call: () => unknown, message: string][] = [
    ['a handle that is none', () => addon.retain(0), 'handle: expected the handle of a living frame, got 0'],
    ['too few bytes', () => addon.createFrame(size, 'I420', new Uint8Array(35)), 'data: expected 36 bytes, got 35'],
    [
      'an unknown format',
      () => addon.createFrame(size, 'RGB' as 'I420', I420),
      'format: expected "I420", "NV12" or "P010_10LE", got "RGB"',
    ],
    [
      'a size of nothing',
      () => addon.createFrame({ width: 0, height: 4 }, 'I420', I420),
      'size.width: expected a whole number from 1 to 16384, got 0',
    ],
    [
      'a graph that is not there',
      () => addon.sendEos('none'),
      'graphId: expected the id of an attached graph, got "none"',
    ],
    [
      'an element that is not there',
      () => addon.sinkStats('none', 's'),
      'element: expected an element with graph=none, got "s"',
    ],
    ['no function', () => addon.attachGraph('none', 5 as never), 'onMessage: expected a function, got 5'],
  ];
  it.each(wrong)('is refused: %s', (_, call, message) => {
    expect(call).toThrow(new TypeError(message));
  });
});

describe('pushFrame', () => {
  it('shares the pixels, strides included, and carries the new PTS', async () => {
    // Decoders pad rows: 70 pixels wide is no round number for them.
    const source = await build(
      'videotestsrc is-live=true pattern=smpte ! video/x-raw,format=I420,width=70,height=50,framerate=30/1 ! x264enc tune=zerolatency ! avdec_h264 ! diptychsink name=s graph={graph}',
    );
    const target = await build('diptychsrc name=in graph={graph} ! diptychsink name=out graph={graph}');
    const output = firstValueFrom(target.frames('out'));
    const input = firstValueFrom(source.frames('s'));
    target.play();
    source.play();
    const frame = await input;

    addon.pushFrame(target.id, 'in', frame.handle, 123.5);
    const copy = await output;

    expect(copy).toMatchObject({ ptsMs: 123.5, width: 70, height: 50, format: 'I420' });
    expect(addon.readFrame(copy.handle)).toEqual(addon.readFrame(frame.handle));
    addon.release(frame.handle);
    addon.release(copy.handle);
  });

  it('drops the oldest of what does not get through in time, and says so', async () => {
    const graph = await build('diptychsrc name=in graph={graph} max-queue-ms=100 ! fakesink');
    const handle = addon.createFrame({ width: 8, height: 2 }, 'I420', new Uint8Array(24));
    for (let index = 0; index < 10; index += 1) addon.pushFrame(graph.id, 'in', handle, index * 40);

    expect(addon.sourceStats(graph.id, 'in')).toMatchObject({ pushed: 10, bytes: 240, dropped: 7, queuedMs: 80 });
    addon.release(handle);
  });

  it('ends with endSource', async () => {
    const graph = await build('diptychsrc name=in graph={graph} ! fakesink async=false sync=false');
    const ended = nextMessage(graph, 'eos');
    graph.play();
    const handle = addon.createFrame({ width: 2, height: 2 }, 'I420', new Uint8Array(6));
    addon.pushFrame(graph.id, 'in', handle, 0);
    addon.release(handle);
    addon.endSource(graph.id, 'in');

    await ended;
  });
});

describe('the bus', () => {
  it('reports an error with its domain, code and element', async () => {
    const graph = await build('filesrc name=f location=/nonexistent/file ! diptychsink graph={graph}');
    const failed = nextMessage(graph, 'error');
    graph.play();

    expect(await failed).toMatchObject({ type: 'error', domain: 'gst-resource-error-quark', code: 3, element: 'f' });
  });

  it('reports states and tags', async () => {
    const graph = await build(
      'videotestsrc is-live=true ! x264enc tune=zerolatency ! h264parse ! diptychsink graph={graph}',
    );
    const playing = new Promise<void>((done) =>
      graph.messages$.subscribe((message) => message.type === 'state' && message.to === 'PLAYING' && done()),
    );
    const tags = new Promise<Readonly<Record<string, string>>>((done) =>
      graph.messages$.subscribe((message) => {
        if (message.type === 'tags' && 'video-codec' in message.tags) done(message.tags);
      }),
    );
    graph.play();

    await playing;
    expect((await tags)['video-codec']).toMatch(/^H\.264/);
  });
});
