import { afterEach, expect, it } from 'vitest';
import { loadTestAddon } from './test-addon.js';
import { build, closeGraphs, until } from './test-graphs.js';

const addon = loadTestAddon();
afterEach(async () => {
  await closeGraphs();
  expect(addon.liveFrames()).toBe(0);
});

/** All of one colour, so that a picture that was decoded without what it refers to is another one. */
const PICTURE = 'videotestsrc is-live=true pattern=white ! video/x-raw,format=I420,width=64,height=64,framerate=60/1';
const WHITE = 235;

it.each([
  ['H.264', 'h264', 'x264enc tune=zerolatency key-int-max=15'],
  ['H.264, out of order', 'h264', 'x264enc bframes=3 b-adapt=false key-int-max=15 option-string=open-gop=1'],
  [
    'H.264 without keyframes, which it refreshes piece by piece',
    'h264',
    `x264enc tune=zerolatency intra-refresh=true key-int-max=15`,
  ],
  ['H.265', 'h265', 'x265enc tune=zerolatency key-int-max=15'],
  [
    'H.265, out of order, whose keyframes are followed by pictures that refer to what is before them',
    'h265',
    'x265enc key-int-max=15 option-string=open-gop=1:bframes=3:b-adapt=0:min-keyint=15:scenecut=0:rc-lookahead=5',
  ],
])('skips to a keyframe that comes while what waits has waited too long: %s', async (_what, codec, encoder) => {
  const from = await build(
    `${PICTURE} ! ${encoder} ! video/x-${codec},stream-format=byte-stream ! ${codec}parse config-interval=-1 ! video/x-${codec},stream-format=byte-stream,alignment=au ! diptychsink name=out graph={graph}`,
  );
  const to = await build(
    `diptychsrc name=in graph={graph} ! ${codec}parse ! avdec_${codec} thread-type=slice output-corrupt=false ! diptychsink name=s graph={graph}`,
  );
  const options = { maxQueueMs: 60_000, startOnKeyframe: true, limit: 'wait', skipAfterMs: 300 } as const;
  addon.link({ graphId: from.id, element: 'out' }, { graphId: to.id, element: 'in' }, options);
  from.play();
  await until(() => addon.sourceStats(to.id, 'in').dropped > 150);
  const { waitedMs } = addon.sourceStats(to.id, 'in');
  let problems = 0;
  const pictures: { readonly ptsMs: number; readonly luma: number }[] = [];
  to.messages$.subscribe(({ type }) => (problems += type === 'warning' || type === 'error' ? 1 : 0));
  to.frames('s').subscribe(({ handle, ptsMs }) => {
    const luma = addon.lumaSketch(handle, 1);
    pictures.push({ ptsMs, luma: Math.min(...luma) });
    addon.release(handle);
  });
  to.play();
  await until(() => pictures.length > 70);

  expect(problems).toBe(0);
  // A keyframe each 250 ms: what waits is never older than 300 and the time to the next one.
  expect(waitedMs).toBeLessThan(550 + 500);
  expect(pictures.filter(({ luma }) => luma < WHITE - 10)).toEqual([]);
  expect(pictures.every(({ ptsMs }, i) => i === 0 || ptsMs > (pictures[i - 1]?.ptsMs ?? 0))).toBe(true);
});
