import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ChannelOrder } from '#src/stream/backend/gpu/channel-order.adapter.js';
import { buildOnnx, type OnnxNode } from '#src/stream/onnx/onnx-builder.js';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-channels-'));
  path = join(folder, 'a.onnx');
});

afterEach(() => rm(folder, { recursive: true }));

/** A network of so many convolutions, of which the first few are depthwise. */
function network({ all, depthwise }: { readonly all: number; readonly depthwise: number }): Uint8Array {
  const nodes = Array.from({ length: all }, (_, i): OnnxNode => ({
    operator: 'Conv',
    inputs: [`v${i}`, i < depthwise ? 'single' : 'whole'],
    outputs: [`v${i + 1}`],
    attributes: { group: i < depthwise ? 4 : 1 },
  }));
  const weights = (name: string, channels: number) => ({
    name,
    dims: [4, channels, 1, 1],
    floats: new Float32Array(4 * channels),
  });
  return buildOnnx({
    ...{ name: 'x', nodes, constants: [weights('single', 1), weights('whole', 4)] },
    input: { name: 'v0', dims: [1, 4, 8, 8] },
    output: { name: `v${all}`, dims: [1, 4, 8, 8] },
  });
}

describe('channels', () => {
  it.each([
    { all: 4, depthwise: 0, isLast: true },
    { all: 5, depthwise: 1, isLast: true },
    { all: 4, depthwise: 1, isLast: false },
    { all: 2, depthwise: 1, isLast: false },
  ])('are innermost: $isLast where $depthwise of $all convolutions are depthwise', async ({ isLast, ...counts }) => {
    await writeFile(path, network(counts));

    expect(await new ChannelOrder().isLast(path)).toBe(isLast);
  });

  it.each([
    ['is not there', undefined],
    ['is no network', Uint8Array.of(1, 2, 3)],
  ])('are innermost where the file %s', async (_, content) => {
    if (content) await writeFile(path, content);

    expect(await new ChannelOrder().isLast(path)).toBe(true);
  });

  it('are decided again where the file has changed, and only then', async () => {
    const order = new ChannelOrder();
    const atS = 1_700_000_000;
    const mobile = network({ all: 2, depthwise: 2 });
    await writeFile(path, mobile);
    await utimes(path, atS, atS);
    const first = await Promise.all([order.isLast(path), order.isLast(path)]);

    // Same size, same time: not read again.
    await writeFile(path, new Uint8Array(mobile.length));
    await utimes(path, atS, atS);
    const unchanged = await order.isLast(path);
    await utimes(path, atS + 1, atS + 1);
    const changed = await order.isLast(path);

    expect([first, unchanged, changed]).toEqual([[false, false], false, true]);
  });
});
