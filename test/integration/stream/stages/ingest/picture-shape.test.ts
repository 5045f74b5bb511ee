import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { shapeLaunch } from '#src/stream/stages/ingest/picture-shape.js';

const run = promisify(execFile);

/** What GStreamer says of an element that writes another picture than it was given. */
const COPIES = /<(\w+?)\d*> doing non-inplace transform/g;

async function copiedBy(shape: string): Promise<readonly string[]> {
  const graph = `videotestsrc num-buffers=3 ! video/x-raw,format=I420,width=64,height=48 ! ${shape} ! fakesink`;
  const { stderr } = await run('gst-launch-1.0', ['-q', ...graph.split(' ')], {
    env: { ...process.env, GST_DEBUG: 'basetransform:6', GST_DEBUG_NO_COLOR: '1' },
    maxBuffer: 1 << 24,
  });
  return [...stderr.matchAll(COPIES)].map(([, element]) => element ?? '');
}

describe('a picture that needs no other shape', () => {
  it.each(['auto', '0'] as const)('is not copied, rotate: %s', async (rotate) => {
    expect(await copiedBy(shapeLaunch({ rotate, outputFps: 30 }))).toEqual([]);
  });

  it('is written anew where it is turned', async () => {
    const copied = await copiedBy(shapeLaunch({ rotate: '90', outputFps: 30 }));

    expect(copied).toEqual(['videoflip', 'videoflip', 'videoflip']);
  });
});
