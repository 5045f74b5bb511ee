import { DiptychError } from '../../shared/domain/errors.js';
import type { OnnxAttributes } from './onnx-builder.js';
import type { TfjsNode } from './tfjs-graph.js';
import type { TfjsValues } from './tfjs-values.js';
import type { WeightArray } from './tfjs-weights.js';

const RELU6_MAX = 6;
const FLOAT_MIN = 0;

/** Operations on pictures: their results have the channels second. */
export const PICTURE_OPERATORS = {
  Conv2D: (node: TfjsNode, values: TfjsValues) => values.setPlanar(node.name, convolution(node, values, false)),
  _FusedConv2D: (node: TfjsNode, values: TfjsValues) => values.setPlanar(node.name, convolution(node, values, false)),
  DepthwiseConv2dNative: (node: TfjsNode, values: TfjsValues) =>
    values.setPlanar(node.name, convolution(node, values, true)),
  FusedDepthwiseConv2dNative: (node: TfjsNode, values: TfjsValues) =>
    values.setPlanar(node.name, convolution(node, values, true)),

  MaxPool(node: TfjsNode, values: TfjsValues): void {
    const [, rows = 1, columns = 1] = node.integers('ksize');
    const attributes = { kernel_shape: [rows, columns], strides: stridesOf(node), ...paddingOf(node) };
    values.setPlanar(node.name, values.add('MaxPool', [values.planar(node.inputs[0]!)], attributes));
  },

  DepthToSpace(node: TfjsNode, values: TfjsValues): void {
    const input = values.planar(node.inputs[0]!);
    values.setPlanar(node.name, values.add('DepthToSpace', [input], { blocksize: node.integer('block_size') }));
  },

  ResizeBilinear(node: TfjsNode, values: TfjsValues): void {
    const input = values.planar(node.inputs[0]!);
    const size = values.plain(node.inputs[1]!);
    const kept = values.add('Slice', [values.add('Shape', [input]), values.integers([0]), values.integers([2])]);
    const sizes = values.add('Concat', [kept, size], { axis: 0 });
    const attributes = {
      mode: 'linear',
      coordinate_transformation_mode: node.flag('align_corners')
        ? 'align_corners'
        : node.flag('half_pixel_centers')
          ? 'half_pixel'
          : 'asymmetric',
    };
    values.setPlanar(node.name, values.add('Resize', [input, '', '', sizes], attributes));
  },
};

function convolution(node: TfjsNode, values: TfjsValues, isDepthwise: boolean): string {
  const [input, filter, ...more] = node.inputs;
  const dilations = node.integers('dilations').slice(1, 3);
  const fused = node.texts('fused_ops');
  const weight = values.weight(filter);
  const [rows = 1, columns = 1, from = 1, to = 1] = weight.shape;
  const attributes: OnnxAttributes = {
    kernel_shape: [rows, columns],
    strides: stridesOf(node),
    ...paddingOf(node),
    ...(dilations.some((each) => each !== 1) && { dilations }),
    ...(isDepthwise && { group: from }),
  };
  const dims = isDepthwise ? [from * to, 1, rows, columns] : [to, from, rows, columns];
  const inputs = [values.planar(input!), values.floats(planarFilter(weight, isDepthwise), dims)];
  if (fused[0] === 'BiasAdd') inputs.push(values.plain(more[0]!));
  return activated(values.add('Conv', inputs, attributes), fused.slice(fused[0] === 'BiasAdd' ? 1 : 0), node, values);
}

/** From rows, columns, in, out to ONNX's out, in, rows, columns; a depthwise filter's outputs are in × out. */
function planarFilter({ shape, data }: WeightArray, isDepthwise: boolean): Float32Array {
  const [rows = 1, columns = 1, from = 1, to = 1] = shape;
  const area = rows * columns;
  const filter = new Float32Array(data.length);
  for (let place = 0; place < area; place++) {
    for (let i = 0; i < from; i++) {
      for (let o = 0; o < to; o++) {
        const channel = isDepthwise ? i * to + o : o * from + i;
        filter[channel * area + place] = data[(place * from + i) * to + o]!;
      }
    }
  }
  return filter;
}

function activated(value: string, fused: readonly string[], node: TfjsNode, values: TfjsValues): string {
  const [activation] = fused;
  if (activation === undefined) return value;
  if (fused.length === 1 && activation === 'Relu') return values.add('Relu', [value]);
  if (fused.length === 1 && activation === 'Relu6') return clippedAt6(value, values);
  throw new DiptychError('DIPTYCH_E_MODEL', `${node.op} ${node.name} is fused with ${fused.join(' and ')}`);
}

/** ONNX has no operation of this name. */
export const clippedAt6 = (value: string, values: TfjsValues): string =>
  values.add('Clip', [
    value,
    values.floats(Float32Array.of(FLOAT_MIN), []),
    values.floats(Float32Array.of(RELU6_MAX), []),
  ]);

const stridesOf = (node: TfjsNode): readonly number[] => node.integers('strides').slice(1, 3);

function paddingOf(node: TfjsNode): OnnxAttributes {
  const padding = node.text('padding');
  const format = node.text('data_format');
  if (format !== '' && format !== 'NHWC') throw notConverted(node, `data_format ${format}`);
  if (padding === 'VALID') return {};
  if (padding === 'SAME') return { auto_pad: 'SAME_UPPER' };
  throw notConverted(node, `padding ${padding}`);
}

const notConverted = ({ op, name }: TfjsNode, what: string): DiptychError =>
  new DiptychError('DIPTYCH_E_MODEL', `${op} ${name} with ${what} can't be converted`);
