import { describe, expect, it } from 'vitest';
import { depthwiseShare } from '#src/stream/onnx/depthwise-share.js';
import type { OnnxNode } from '#src/stream/onnx/onnx-builder.js';
import { constantNode, fixture, type Fixture } from './onnx-fixture.js';

/** A convolution of 4 channels by the weights `by`. */
const conv = (by: string, group?: number): OnnxNode => ({
  operator: 'Conv',
  inputs: ['x', by],
  outputs: [`of ${by} ${group}`],
  ...(group !== undefined && { attributes: { group } }),
});
const weights = (name: string, filterChannels: number) => ({
  name,
  dims: [4, filterChannels, 1, 1],
  floats: new Float32Array(4 * filterChannels),
});
const CONSTANTS = [weights('whole', 4), weights('half', 2), weights('single', 1)];

const shareOf = (nodes: Fixture['nodes'], rawNodes: Fixture['rawNodes'] = []): number =>
  depthwiseShare(
    fixture({
      ...{ nodes, rawNodes, constants: CONSTANTS },
      input: { name: 'x', dims: [1, 4, 8, 8] },
      output: { name: 'y', dims: [1, 4, 8, 8] },
    }).graph,
  );

describe('the share of depthwise convolutions', () => {
  it.each<{ what: string; nodes: readonly OnnxNode[]; share: number }>([
    { what: 'nothing', nodes: [], share: 0 },
    { what: 'no convolution', nodes: [{ operator: 'Relu', inputs: ['x'], outputs: ['y'] }], share: 0 },
    { what: 'a whole one', nodes: [conv('whole')], share: 0 },
    { what: 'one in two groups', nodes: [conv('half', 2)], share: 0 },
    { what: 'one of a single channel', nodes: [conv('single', 1)], share: 0 },
    { what: 'weights that are computed', nodes: [conv('computed', 4)], share: 0 },
    { what: 'a depthwise one', nodes: [conv('single', 4)], share: 1 },
    { what: 'one of four', nodes: [conv('whole'), conv('half', 2), conv('single', 4), conv('whole', 1)], share: 0.25 },
  ])('is $share of $what', ({ nodes, share }) => {
    expect(shareOf(nodes)).toBe(share);
  });

  it('knows weights that a Constant gives', () => {
    const constant = constantNode('given', [1, 2, 3, 4]);
    constant.attribute![0]!.t!.dims = [4n, 1n, 1n, 1n];

    expect(shareOf([conv('given', 4), conv('whole')], [constant])).toBe(0.5);
  });

  it('leaves out weights without a shape, and operators of others', () => {
    const foreign = { opType: 'Conv', domain: 'com.example', input: ['x', 'single'], output: ['z'] };

    expect(shareOf([conv('single', 4)], [foreign])).toBe(1);
    expect(shareOf([conv('', 4)], [{ opType: 'Conv', input: ['x'], output: ['w'] }])).toBe(0);
  });
});
