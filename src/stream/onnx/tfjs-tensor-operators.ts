import { DiptychError } from '../../shared/domain/errors.js';
import { ELEMENT_TYPE } from './onnx-tensor.js';
import type { TfjsNode } from './tfjs-graph.js';
import { ELEMENTWISE_OPERATORS } from './tfjs-elementwise-operators.js';
import { stridedSlice } from './tfjs-slice.js';
import type { TfjsValues } from './tfjs-values.js';

/** Element types of results, by TensorFlow's name; integers are 64 bits wide. */
const ELEMENT_TYPES: Readonly<Record<string, number>> = {
  DT_FLOAT: ELEMENT_TYPE.float,
  DT_INT32: ELEMENT_TYPE.int64,
  DT_INT64: ELEMENT_TYPE.int64,
  DT_BOOL: ELEMENT_TYPE.bool,
};

/** The last side of a picture in TensorFlow's order. */
const CHANNELS = 3;
const TO_PLANAR = '0,3,1,2';
const TO_PLAIN = '0,2,3,1';

/** Where a side goes when the channels become the second. */
const PLANAR_SIDES = [0, 3, 1, 2] as const;

/** Operations on values of any number of sides. */
export const TENSOR_OPERATORS = {
  ...ELEMENTWISE_OPERATORS,

  Cast(node: TfjsNode, values: TfjsValues): void {
    const to = ELEMENT_TYPES[node.type('DstT') ?? ''];
    if (to === undefined) throw notConverted(node, `type ${node.type('DstT')}`);
    values.setPlain(node.name, values.add('Cast', [values.plain(node.inputs[0]!)], { to }));
  },

  Shape(node: TfjsNode, values: TfjsValues): void {
    const [input] = node.inputs;
    if (values.hasPlain(input!) || !values.hasPlanar(input!)) {
      values.setPlain(node.name, values.add('Shape', [values.plain(input!)]));
      return;
    }
    const shape = values.add('Shape', [values.planar(input!)]);
    values.setPlain(node.name, values.add('Gather', [shape, values.integers([0, 2, 3, 1])], { axis: 0 }));
  },

  Transpose(node: TfjsNode, values: TfjsValues): void {
    const [input] = node.inputs;
    const perm = values.known(node.inputs[1]);
    // Graphs of other origins turn each picture round for a convolution, and back behind it.
    if (perm.join() === TO_PLAIN) values.setPlanar(node.name, values.plain(input!));
    else if (perm.join() === TO_PLANAR) values.setPlain(node.name, values.planar(input!));
    else values.setPlain(node.name, values.add('Transpose', [values.plain(input!)], { perm }));
  },

  Pad: pad,
  PadV2: pad,

  ConcatV2(node: TfjsNode, values: TfjsValues): void {
    const parts = node.inputs.slice(0, -1);
    const [axis] = values.known(node.inputs.at(-1));
    if (parts.every((part) => values.hasPlanar(part)) && (axis === CHANNELS || axis === -1)) {
      values.setPlanar(
        node.name,
        values.add(
          'Concat',
          parts.map((part) => values.planar(part)),
          { axis: 1 },
        ),
      );
      return;
    }
    values.setPlain(
      node.name,
      values.add(
        'Concat',
        parts.map((part) => values.plain(part)),
        { axis: axis! },
      ),
    );
  },

  Pack(node: TfjsNode, values: TfjsValues): void {
    const axis = node.integer('axis');
    const axes = values.integers([axis]);
    const parts = node.inputs.map((input) => values.add('Unsqueeze', [values.plain(input), axes]));
    values.setPlain(node.name, values.add('Concat', parts, { axis }));
  },

  Unpack(node: TfjsNode, values: TfjsValues): void {
    const axis = node.integer('axis');
    const input = values.plain(node.inputs[0]!);
    const axes = values.integers([axis]);
    const parts = values.addMany('Split', [input], node.integer('num'), { axis });
    setAll(
      node,
      values,
      parts.map((part) => values.add('Squeeze', [part, axes])),
    );
  },

  Split(node: TfjsNode, values: TfjsValues): void {
    const [axis] = values.known(node.inputs[0]);
    const input = values.plain(node.inputs[1]!);
    setAll(node, values, values.addMany('Split', [input], node.integer('num_split'), { axis: axis! }));
  },

  SplitV(node: TfjsNode, values: TfjsValues): void {
    const [input, sizes, axisOf] = node.inputs;
    const [axis] = values.known(axisOf);
    const inputs = [values.plain(input!), values.integers(values.known(sizes))];
    setAll(node, values, values.addMany('Split', inputs, node.integer('num_split'), { axis: axis! }));
  },

  ExpandDims(node: TfjsNode, values: TfjsValues): void {
    const axes = values.integers(values.known(node.inputs[1]).slice(0, 1));
    values.setPlain(node.name, values.add('Unsqueeze', [values.plain(node.inputs[0]!), axes]));
  },

  Squeeze(node: TfjsNode, values: TfjsValues): void {
    const axes = node.integers('squeeze_dims');
    const input = values.plain(node.inputs[0]!);
    values.setPlain(node.name, values.add('Squeeze', axes.length > 0 ? [input, values.integers(axes)] : [input]));
  },

  Reshape: (node: TfjsNode, values: TfjsValues) => plainCall('Reshape', node, values),
  Tile: (node: TfjsNode, values: TfjsValues) => plainCall('Tile', node, values),
  Range: (node: TfjsNode, values: TfjsValues) => plainCall('Range', node, values),
  Size: (node: TfjsNode, values: TfjsValues) => plainCall('Size', node, values),
  GatherNd: (node: TfjsNode, values: TfjsValues) => plainCall('GatherND', node, values),

  Fill(node: TfjsNode, values: TfjsValues): void {
    const [dims, value] = node.inputs;
    values.setPlain(node.name, values.add('Expand', [values.plain(value!), values.plain(dims!)]));
  },

  StridedSlice(node: TfjsNode, values: TfjsValues): void {
    values.setPlain(node.name, stridedSlice(node, values));
  },

  TopKV2(node: TfjsNode, values: TfjsValues): void {
    const [input, k] = node.inputs;
    const count = values.integers(values.known(k).slice(0, 1));
    setAll(node, values, values.addMany('TopK', [values.plain(input!), count], 2, { axis: -1 }));
  },

  Sum(node: TfjsNode, values: TfjsValues): void {
    const inputs = [values.plain(node.inputs[0]!), values.integers(values.known(node.inputs[1]))];
    values.setPlain(node.name, values.add('ReduceSum', inputs, { keepdims: Number(node.flag('keep_dims')) }));
  },

  Max(node: TfjsNode, values: TfjsValues): void {
    const attributes = { axes: values.known(node.inputs[1]), keepdims: Number(node.flag('keep_dims')) };
    values.setPlain(node.name, values.add('ReduceMax', [values.plain(node.inputs[0]!)], attributes));
  },

  ArgMax(node: TfjsNode, values: TfjsValues): void {
    const [axis] = values.known(node.inputs[1]);
    const input = values.plain(node.inputs[0]!);
    values.setPlain(node.name, values.add('ArgMax', [input], { axis: axis!, keepdims: 0 }));
  },

  SparseToDense(node: TfjsNode, values: TfjsValues): void {
    const [indices, shapeOf, elements, fill] = node.inputs;
    const shape = values.known(shapeOf);
    if (shape.length !== 1) throw notConverted(node, `${shape.length} sides`);
    const [filling = 0] = values.known(fill);
    const dense = new Array<number>(shape[0]!).fill(filling);
    const found = values.known(elements);
    for (const [i, place] of values.known(indices).entries()) dense[place] = found[i] ?? found[0] ?? filling;
    values.setPlain(node.name, values.integers(dense));
  },
};

function pad(node: TfjsNode, values: TfjsValues): void {
  const [input, amounts, value] = node.inputs;
  const known = values.known(amounts);
  const sides = known.length / 2;
  const isPlanar = values.hasPlanar(input!) && sides === PLANAR_SIDES.length;
  const order = isPlanar ? PLANAR_SIDES : Array.from({ length: sides }, (_, i) => i);
  const pads = [...order.map((side) => known[2 * side]!), ...order.map((side) => known[2 * side + 1]!)];
  const inputs = [isPlanar ? values.planar(input!) : values.plain(input!), values.integers(pads)];
  if (value !== undefined) inputs.push(values.plain(value));
  const padded = values.add('Pad', inputs);
  if (isPlanar) values.setPlanar(node.name, padded);
  else values.setPlain(node.name, padded);
}

const plainCall = (operator: string, node: TfjsNode, values: TfjsValues): void =>
  values.setPlain(
    node.name,
    values.add(
      operator,
      node.inputs.map((input) => values.plain(input)),
    ),
  );

function setAll(node: TfjsNode, values: TfjsValues, names: readonly string[]): void {
  for (const [i, name] of names.entries()) values.setPlain(i === 0 ? node.name : `${node.name}:${i}`, name);
}

const notConverted = ({ op, name }: TfjsNode, what: string): DiptychError =>
  new DiptychError('DIPTYCH_E_MODEL', `${op} ${name} of ${what} can't be converted`);
