import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstValueFrom, take, toArray } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { Graph } from '#src/stream/gst/graph.adapter.js';
import type { NativeFrame } from '#src/stream/native/types.js';
import { loadTestAddon } from './test-addon.js';
import { build, closeGraphs, nextMessage, until } from './test-graphs.js';

const addon = loadTestAddon();

afterEach(async () => {
  await closeGraphs();
  expect(addon.liveFrames()).toBe(0);
});

describe('a sink', () => {
  it('keeps the newest frames while JavaScript is busy, and counts the others', async () => {
    const graph = await build(
      'videotestsrc is-live=true ! video/x-raw,format=NV12,width=64,height=48,framerate=100/1 ! diptychsink name=s graph={graph}',
    );
    const frames: NativeFrame[] = [];
    graph.frames('s').subscribe((frame) => {
      frames.push(frame);
      addon.release(frame.handle);
    });
    graph.play();
    await until(() => frames.length > 0);
    const before = frames.length;
    const busyUntil = performance.now() + 500;
    while (performance.now() < busyUntil);
    const blockedUntil = addon.nowMs();
    await until(() => frames.length > before);

    expect(addon.sinkStats(graph.id, 's').dropped).toBeGreaterThan(5);
    expect(frames[before]?.ptsMs).toBeGreaterThan(blockedUntil - 250);
    const steps = frames.slice(1).map((frame, index) => frame.ptsMs - (frames[index]?.ptsMs ?? 0));
    expect(Math.min(...steps)).toBeGreaterThan(0);
  });

  it('with drop=false loses nothing, and reports EOS after the last frame', async () => {
    const graph = await build(
      'videotestsrc num-buffers=200 ! video/x-raw,format=I420,width=64,height=48,framerate=25/1 ! diptychsink name=s graph={graph} drop=false',
    );
    let count = 0;
    let countAtEos = 0;
    graph.frames('s').subscribe(({ handle }) => {
      count += 1;
      addon.release(handle);
    });
    const ended = nextMessage(graph, 'eos').then(() => (countAtEos = count));
    graph.play();
    await ended;

    expect(countAtEos).toBe(200);
    expect(addon.sinkStats(graph.id, 's').dropped).toBe(0);
  });

  it('with drop=false survives that its listener goes just when it looks for it', () => {
    expect(addon.loseListenerWhileWaiting()).toBeUndefined();
  });

  it('with drop=false waits while max-held of its frames are alive', async () => {
    const graph = await build(
      'videotestsrc num-buffers=20 ! video/x-raw,format=I420,width=64,height=48 ! diptychsink name=s graph={graph} drop=false max-held=3',
    );
    const handles: number[] = [];
    graph.frames('s').subscribe(({ handle }) => handles.push(handle));
    graph.play();
    await until(() => handles.length === 3);
    await new Promise((done) => setTimeout(done, 100));
    expect(handles).toHaveLength(3);

    const ended = nextMessage(graph, 'eos');
    const releasing = setInterval(() => {
      for (const handle of handles.splice(0)) addon.release(handle);
    }, 5);
    await ended;
    clearInterval(releasing);
    for (const handle of handles.splice(0)) addon.release(handle);
  });

  it('with own-time=true counts from the start of its graph', async () => {
    const graph = await build(
      'videotestsrc num-buffers=3 ! video/x-raw,format=I420,width=64,height=48,framerate=25/1 ! diptychsink name=s graph={graph} drop=false own-time=true',
    );
    const frames = firstValueFrom(graph.frames('s').pipe(take(3), toArray()));
    graph.play();

    expect((await frames).map(({ ptsMs }) => ptsMs)).toEqual([0, 40, 80]);
    for (const { handle } of await frames) addon.release(handle);
  });

  it('with advance=… takes that from all time stamps', async () => {
    const graph = await build(
      'videotestsrc num-buffers=4 ! video/x-raw,format=I420,width=64,height=48,framerate=25/1 ! diptychsink name=s graph={graph} drop=false own-time=true advance=40000000',
    );
    const frames = firstValueFrom(graph.frames('s').pipe(take(4), toArray()));
    graph.play();

    expect((await frames).slice(2).map(({ ptsMs }) => ptsMs)).toEqual([40, 80]);
    for (const { handle } of await frames) addon.release(handle);
  });

  it('refuses to hand out what is no I420, NV12 or P010 picture', async () => {
    const graph = await build('videotestsrc ! video/x-raw,format=RGB ! diptychsink name=s graph={graph}');
    graph.frames('s').subscribe();
    const failed = nextMessage(graph, 'error');
    graph.play();

    expect(await failed).toMatchObject({
      element: 's',
      domain: 'gst-stream-error-quark',
      text: 'Only I420, NV12 and P010_10LE pictures can be handed out.',
    });
  });

  it('plays a file at its pace, and again after a rewind, with PTS that go on rising', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'diptych-'));
    const file = join(folder, 'ten-frames.mkv');
    const writer = await Graph.fromLaunch(
      `# {graph} string: id
       # {file} string: path
       diptychsrc name=in graph={graph} max-queue-ms=1000
       caps=video/x-raw,format=I420,width=64,height=48,framerate=20/1 ! x264enc ! matroskamux ! filesink location={file} async=false`,
      { file },
    );
    const written = nextMessage(writer, 'eos');
    writer.play();
    const handle = addon.createFrame({ width: 64, height: 48 }, 'I420', new Uint8Array(64 * 72));
    for (let index = 0; index < 10; index += 1) addon.pushFrame(writer.id, 'in', handle, index * 50);
    addon.release(handle);
    addon.endSource(writer.id, 'in');
    await written;
    await writer.close();

    const graph = await Graph.fromLaunch(
      `# {graph} string: id
       # {file} string: path
       filesrc location={file} ! matroskademux ! h264parse ! avdec_h264 ! clocksync !
       diptychsink name=s graph={graph} max-frames=64`,
      { file },
    );
    const frames: NativeFrame[] = [];
    graph.frames('s').subscribe((frame) => {
      frames.push(frame);
      addon.release(frame.handle);
    });
    let ends = 0;
    graph.messages$.subscribe(({ type }) => (ends += type === 'eos' ? 1 : 0));
    graph.play();
    await until(() => ends === 1);
    await addon.rewindGraph(graph.id);
    await until(() => ends === 2);
    await graph.close();
    await rm(folder, { recursive: true });

    expect(frames).toHaveLength(20);
    const steps = frames.slice(1).map((frame, index) => frame.ptsMs - (frames[index]?.ptsMs ?? 0));
    expect(Math.min(...steps)).toBeGreaterThan(0);
    // On the shared time line and not before they are due.
    expect(Math.max(...frames.map((frame) => frame.ptsMs - frame.arrivedMs))).toBeLessThan(5);
    expect((frames[19]?.ptsMs ?? 0) - (frames[0]?.ptsMs ?? 0)).toBeGreaterThan(850);
  });
});
