import { attributeOf, integerAttribute, isStandard } from './onnx-graph.js';
import type { GraphProto, NodeProto } from './schema/onnx_pb.js';

/**
 * Share of depthwise convolutions from which on a network keeps its channels as they are. With channels innermost cuDNN
 * makes a kernel for each depthwise convolution and each size of batch: BlazeFace (46 % of its convolutions) opens in
 * 7.7 s on an H200 as shipped and in 16 s with any number of pictures, without in 2.9 and 2.5 s; a run of eight pictures
 * takes 1.25 ms instead of 0.97. A network without them, such as YOLOv8, opens quickly either way, and runs a fifth
 * faster with channels innermost. YuNet has 39 %, MoveNet and SCRFD a third, YOLOv8-lite-t-face 24 %, and YOLO11 a few in
 * its head. Measured by `bash run.sh forms` of test/bench/gpu/.
 */
export const MANY_DEPTHWISE = 0.25;

/**
 * How many of a network's convolutions are depthwise – each channel by itself, a filter of one channel – as a share of
 * all its convolutions, 0 … 1; 0 where there is none.
 */
export function depthwiseShare(graph: GraphProto): number {
  const convolutions = graph.node.filter((node) => node.opType === 'Conv' && isStandard(node));
  if (convolutions.length === 0) return 0;
  const filterChannels = filterChannelsOf(graph);
  const depthwise = convolutions.filter(
    (node) => (integerAttribute(node, 'group') ?? 1) > 1 && filterChannels.get(node.input[1] ?? '') === 1,
  );
  return depthwise.length / convolutions.length;
}

/** The second size of every constant, which of a convolution's weights is the channels of a filter; by name. */
function filterChannelsOf({ initializer, node }: GraphProto): ReadonlyMap<string, number> {
  const sizes = new Map(initializer.map(({ name, dims }) => [name, Number(dims[1])]));
  for (const each of node) {
    const dims = constantOf(each)?.dims;
    if (dims) sizes.set(each.output[0] ?? '', Number(dims[1]));
  }
  return sizes;
}

const constantOf = (node: NodeProto) => (node.opType === 'Constant' ? attributeOf(node, 'value')?.t : undefined);
