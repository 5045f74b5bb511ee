import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { Graph } from '#src/stream/gst/graph.adapter.js';
import { loadTestAddon } from './test-addon.js';

const run = promisify(execFile);
const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
const addon = loadTestAddon();

afterEach(() => expect(addon.liveFrames()).toBe(0));

interface Held {
  readonly rssMb: number;
  readonly openFiles: number;
  readonly threads: number;
}

describe('graphs that are built again and again', () => {
  it('leave neither memory nor descriptors nor threads behind', { timeout: 300_000 }, async () => {
    const { stdout } = await run(process.execPath, ['--expose-gc', fixture('rebuild.cjs'), '200'], {
      env: { ...process.env, MALLOC_ARENA_MAX: '1' },
    });
    process.stdout.write(stdout);
    const { before, after, frames, liveFrames } = JSON.parse(stdout) as {
      before: Held;
      after: Held;
      frames: number;
      liveFrames: number;
    };

    expect(frames).toBeGreaterThanOrEqual(200);
    expect(liveFrames).toBe(0);
    expect(after.openFiles).toBeLessThanOrEqual(before.openFiles + 2);
    expect(after.threads).toBeLessThanOrEqual(before.threads + 4);
    // A graph that is not freed costs 6 MB: 600 of them, 3.6 GB.
    expect(after.rssMb - before.rssMb).toBeLessThan(40);
  });
});

describe('threads that end while something is on its way to them', () => {
  it.each(['ask', 'listen'])('end nothing else, and leave no frame behind: %s', { timeout: 120_000 }, async (what) => {
    const rounds = 60;
    const { stdout } = await run(process.execPath, [fixture('ending-worker.cjs'), what, String(rounds)]);
    const { answered, liveFrames } = JSON.parse(stdout) as { answered: number; liveFrames: number };

    expect(answered).toBeGreaterThan(0);
    // Those that a thread had are given back when it ends.
    expect(liveFrames).toBe(0);
  });
});

describe('closing', () => {
  it('never blocks the event loop, whatever the graph waits for', async () => {
    // Takes the connection and never answers.
    const mute = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => mute.once('listening', done));
    const { port } = mute.address() as { port: number };
    const declared = '# {graph} string: id\n# {url} string: where\n';
    const waiting = await Promise.all(
      // One that never answers, one whose address goes nowhere (TEST-NET-1, RFC 5737).
      [`rtsp://127.0.0.1:${port}/x`, 'rtsp://192.0.2.1:554/x'].map((url) =>
        Graph.fromLaunch(`${declared}rtspsrc location={url} protocols=tcp ! diptychsink graph={graph}`, { url }),
      ),
    );
    const blocked = await Graph.fromLaunch(
      '# {graph} string: id\nvideotestsrc ! video/x-raw,format=I420,width=64,height=48 ! queue ! diptychsink name=s graph={graph} drop=false max-held=1',
    );
    const held: number[] = [];
    blocked.frames('s').subscribe(({ handle }) => held.push(handle));
    for (const graph of [...waiting, blocked]) graph.play();
    await new Promise((done) => setTimeout(done, 300));
    expect(held).toHaveLength(1);

    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const startedMs = performance.now();
    const closes = [...waiting, blocked].map((graph) => graph.close());
    const callMs = performance.now() - startedMs;
    await Promise.all(closes);
    const closeMs = performance.now() - startedMs;
    await new Promise((done) => setTimeout(done, 20));
    delay.disable();
    for (const handle of held) addon.release(handle);
    mute.close();

    process.stdout.write(`${JSON.stringify({ callMs, closeMs, longestLoopDelayMs: delay.max / 1e6 })}\n`);
    expect(closeMs).toBeLessThan(10_000);
    // Far above scheduling noise, far below any network time-out.
    expect(delay.max / 1e6).toBeLessThan(1000);
  });
});

describe('a process ends', () => {
  it.each([
    'in mid-stream',
    'nothing left to do',
    'inside the callback',
    'a callback that throws',
    'while a graph closes',
    'after a close that was waited for',
    'with a worker that listens',
    'after a worker that listened was terminated',
  ])('%s', async (name) => {
    const failure = await run(process.execPath, [fixture('exit.cjs'), name], { timeout: 30_000 }).catch(
      (error: unknown) => error,
    );

    expect(failure).toMatchObject({ code: 7, signal: null, stderr: '' });
  });
});
