import type { OnnxAttributes, OnnxConstant, OnnxGraph, OnnxNode } from '#src/stream/onnx/onnx-builder.js';
import { seededRandom } from '#src/shared/random.js';
import { normalRandom } from '../normal-random.js';

export interface Yolov8nShapedOptions {
  /** Which random weights, 0 … 2³² − 1. @defaultValue 1 */
  readonly seed?: number;
  /**
   * Added to the class logits, {@link CLASSES} numbers for each of the strides {@link STRIDES}: what
   * makes scores rare. @defaultValue zeros: half of all scores are over 0.5
   */
  readonly classBiases?: readonly Float32Array[];
}

/** Side of the square input, pixels. */
export const INPUT_SIDE = 640;
export const CLASSES = 80;
/** Pixels between neighbouring cells of the three heads. */
export const STRIDES = [8, 16, 32] as const;
/** Positions at which a box may be found, over all heads. */
export const ANCHORS = STRIDES.reduce((sum, stride) => sum + (INPUT_SIDE / stride) ** 2, 0);

/** Channels of the stages at width 0.25. */
const [W1, W2, W3, W4, W5] = [16, 32, 64, 128, 256] as const;
/** Bins of the distribution that a side's distance is read from, and channels of the four sides. */
const REG_MAX = 16;
const BOX_CHANNELS = 4 * REG_MAX;
/** 1 / E[SiLU(x)²] for x normally distributed around 0 with variance 1: keeps the variance of what flows. */
const SILU_GAIN = 2.8;
/** Standard deviation of the logits: boxes of many sizes, and few classes that are sure. */
const LOGIT_SPREAD = 2;

/** What flows between two nodes. */
interface Flow {
  readonly name: string;
  readonly channels: number;
}

/**
 * A network with YOLOv8n's layout and random weights, for measuring: same work, nothing it knows.
 * Normalisation is folded into the convolutions. In: `images` [batch, 3, 640, 640]; out: `output0`
 * [batch, 84, 8400], of which rows 0 … 3 are centre x, centre y, width, height in pixels and the
 * rest are the scores of the classes.
 *
 * Source of the layout: ultralytics `cfg/models/v8/yolov8.yaml`, depth 0.33, width 0.25 (3151904
 * weights, which the test counts).
 */
export function buildYolov8nShaped({ seed = 1, classBiases }: Yolov8nShapedOptions = {}): OnnxGraph {
  const net = new NetworkBuilder(seededRandom(seed));
  let x = net.conv('0', { name: 'images', channels: 3 }, W1, 3, 2);
  x = net.conv('1', x, W2, 3, 2);
  x = net.c2f('2', x, W2, 1, true);
  x = net.conv('3', x, W3, 3, 2);
  const p3 = net.c2f('4', x, W3, 2, true);
  x = net.conv('5', p3, W4, 3, 2);
  const p4 = net.c2f('6', x, W4, 2, true);
  x = net.conv('7', p4, W5, 3, 2);
  x = net.c2f('8', x, W5, 1, true);
  const p5 = net.poolPyramid('9', x, W5);

  const up4 = net.c2f('12', net.concat('11', [net.twice('10', p5), p4]), W4, 1, false);
  const out3 = net.c2f('15', net.concat('14', [net.twice('13', up4), p3]), W3, 1, false);
  const down4 = net.conv('16', out3, W3, 3, 2);
  const out4 = net.c2f('18', net.concat('17', [down4, up4]), W4, 1, false);
  const down5 = net.conv('19', out4, W4, 3, 2);
  const out5 = net.c2f('21', net.concat('20', [down5, p5]), W5, 1, false);

  net.heads([out3, out4, out5], classBiases);
  return {
    name: 'yolov8n_shaped',
    nodes: net.nodes,
    constants: net.constants,
    input: { name: 'images', dims: ['batch', 3, INPUT_SIDE, INPUT_SIDE] },
    output: { name: 'output0', dims: ['batch', 4 + CLASSES, ANCHORS] },
  };
}

class NetworkBuilder {
  readonly nodes: OnnxNode[] = [];
  readonly constants: OnnxConstant[] = [];
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Convolution and SiLU. */
  conv(name: string, from: Flow, channels: number, kernel: number, stride = 1, weights: Weights = {}): Flow {
    const { name: linear } = this.#linear(`${name}/conv`, from, channels, kernel, stride, {
      gain: SILU_GAIN,
      ...weights,
    });
    const gate = this.#node('Sigmoid', `${name}/gate`, [linear]);
    return { name: this.#node('Mul', name, [linear, gate]), channels };
  }

  /** Two paths, of which one goes on through `count` bottlenecks, all of whose results are joined. */
  c2f(name: string, from: Flow, channels: number, count: number, hasShortcut: boolean): Flow {
    const half = channels / 2;
    const both = this.conv(`${name}/cv1`, from, channels, 1);
    const [left, right] = this.#split(`${name}/split`, both.name, [half, half]);
    const parts: Flow[] = [left, right].map((part) => ({ name: part, channels: half }));
    for (let i = 0; i < count; i++) {
      const last = parts.at(-1)!;
      const inner = this.conv(`${name}/m${i}/cv1`, last, half, 3);
      const outer = this.conv(`${name}/m${i}/cv2`, inner, half, 3);
      const sum = hasShortcut ? this.#node('Add', `${name}/m${i}`, [last.name, outer.name]) : outer.name;
      parts.push({ name: sum, channels: half });
    }
    return this.conv(`${name}/cv2`, this.concat(`${name}/concat`, parts), channels, 1);
  }

  /** The same pooled once, twice and three times, joined. */
  poolPyramid(name: string, from: Flow, channels: number): Flow {
    const parts = [this.conv(`${name}/cv1`, from, channels / 2, 1)];
    for (let i = 0; i < 3; i++) {
      const pooled = this.#node('MaxPool', `${name}/m${i}`, [parts.at(-1)!.name], {
        kernel_shape: [5, 5],
        pads: [2, 2, 2, 2],
        strides: [1, 1],
      });
      parts.push({ name: pooled, channels: channels / 2 });
    }
    return this.conv(`${name}/cv2`, this.concat(`${name}/concat`, parts), channels, 1);
  }

  /** Twice the width and height. */
  twice(name: string, { name: from, channels }: Flow): Flow {
    const scales = this.#floats(`${name}/scales`, [4], [1, 1, 2, 2]);
    const doubled = this.#node('Resize', name, [from, '', scales], {
      coordinate_transformation_mode: 'asymmetric',
      mode: 'nearest',
      nearest_mode: 'floor',
    });
    return { name: doubled, channels };
  }

  concat(name: string, parts: readonly Flow[]): Flow {
    return {
      name: this.#node(
        'Concat',
        name,
        parts.map((part) => part.name),
        { axis: 1 },
      ),
      channels: parts.reduce((sum, part) => sum + part.channels, 0),
    };
  }

  /** Boxes and classes of each level, then boxes out of the distributions. */
  heads(levels: readonly Flow[], classBiases: readonly Float32Array[] | undefined): void {
    const flat = levels.map((level, i) => {
      const { name: box } = this.#branch(`22/box${i}`, level, 64, BOX_CHANNELS, {});
      // What a network has not learnt it answers by the picture's mean colour: a first convolution
      // that sees differences only leaves answers to where the picture has something in it.
      const { name: scores } = this.#branch(`22/class${i}`, level, CLASSES, CLASSES, {
        first: { seesDifferences: true },
        last: { gain: SILU_GAIN * 0.1 ** 2, bias: classBiases?.[i] },
      });
      const joined = this.#node('Concat', `22/level${i}`, [box, scores], { axis: 1 });
      const shape = this.#integers(`22/flat${i}/shape`, [0, BOX_CHANNELS + CLASSES, -1]);
      return this.#node('Reshape', `22/flat${i}`, [joined, shape]);
    });
    const all = this.#node('Concat', '22/all', flat, { axis: 2 });
    const [boxes, logits] = this.#split('22/split', all, [BOX_CHANNELS, CLASSES]);
    const scores = this.#node('Sigmoid', '22/scores', [logits]);
    this.#node('Concat', 'output0', [this.#decodeBoxes(boxes), scores], { axis: 1 });
  }

  #branch(
    name: string,
    from: Flow,
    hidden: number,
    channels: number,
    { first = {}, last = {} }: { readonly first?: Weights; readonly last?: Weights },
  ): Flow {
    const inner = this.conv(`${name}/0`, from, hidden, 3, 1, first);
    const outer = this.conv(`${name}/1`, inner, hidden, 3);
    return this.#linear(`${name}/2`, outer, channels, 1, 1, { gain: SILU_GAIN * LOGIT_SPREAD ** 2, ...last });
  }

  /** The mean of each side's distribution, in cells, then centre and size in pixels. */
  #decodeBoxes(boxes: string): string {
    const bySide = this.#node('Reshape', '22/sides', [
      boxes,
      this.#integers('22/sides/shape', [0, 4, REG_MAX, ANCHORS]),
    ]);
    const byBin = this.#node('Transpose', '22/bins', [bySide], { perm: [0, 2, 1, 3] });
    const shares = this.#node('Softmax', '22/shares', [byBin], { axis: 1 });
    const bins = this.#floats(
      '22/dfl/weight',
      [1, REG_MAX, 1, 1],
      Array.from({ length: REG_MAX }, (_, i) => i),
    );
    const mean = this.#node('Conv', '22/dfl', [shares, bins]);
    const shape = this.#integers('22/distances/shape', [0, 4, ANCHORS]);
    const distances = this.#node('Reshape', '22/distances', [mean, shape]);
    const [before, behind] = this.#split('22/corners', distances, [2, 2]);

    const centres = anchorCentres();
    const anchors = this.#floats('22/anchors', [1, 2, ANCHORS], [...centres.xs, ...centres.ys]);
    const strides = this.#floats('22/strides', [1, 1, ANCHORS], centres.strides);
    const start = this.#node('Sub', '22/start', [anchors, before]);
    const end = this.#node('Add', '22/end', [anchors, behind]);
    const sum = this.#node('Add', '22/sum', [start, end]);
    const centre = this.#node('Mul', '22/centre', [sum, this.#floats('22/half', [], [0.5])]);
    const size = this.#node('Sub', '22/size', [end, start]);
    const inCells = this.#node('Concat', '22/cells', [centre, size], { axis: 1 });
    return this.#node('Mul', '22/pixels', [inCells, strides]);
  }

  #linear(name: string, from: Flow, channels: number, kernel: number, stride: number, weights: Weights): Flow {
    const { gain = 1, seesDifferences = false } = weights;
    const bias = weights.bias ?? new Float32Array(channels);
    const area = kernel * kernel;
    const deviation = Math.sqrt(gain / (from.channels * area));
    const filters = Float32Array.from(
      { length: channels * from.channels * area },
      () => normalRandom(this.#random) * deviation,
    );
    if (seesDifferences) removeMeans(filters, area);
    const inputs = [
      from.name,
      this.#floats(`${name}/weight`, [channels, from.channels, kernel, kernel], filters),
      this.#floats(`${name}/bias`, [channels], bias),
    ];
    const pad = (kernel - 1) / 2;
    const attributes = { kernel_shape: [kernel, kernel], pads: [pad, pad, pad, pad], strides: [stride, stride] };
    return { name: this.#node('Conv', name, inputs, attributes), channels };
  }

  #split(name: string, from: string, sizes: readonly [number, number]): readonly [string, string] {
    const outputs = [`${name}/0`, `${name}/1`] as const;
    const inputs = [from, this.#integers(`${name}/sizes`, sizes)];
    this.nodes.push({ operator: 'Split', inputs, outputs, attributes: { axis: 1 } });
    return outputs;
  }

  #node(operator: string, output: string, inputs: readonly string[], attributes: OnnxAttributes = {}): string {
    this.nodes.push({ operator, inputs, outputs: [output], attributes });
    return output;
  }

  #floats(name: string, dims: readonly number[], values: ArrayLike<number>): string {
    this.constants.push({ name, dims, floats: Float32Array.from(values) });
    return name;
  }

  #integers(name: string, values: readonly number[]): string {
    this.constants.push({ name, dims: [values.length], integers: values });
    return name;
  }
}

interface Weights {
  /** Variance of what comes out, for inputs of variance 1. @defaultValue 1 */
  readonly gain?: number;
  /** @defaultValue zeros */
  readonly bias?: Float32Array | undefined;
  /** Answers 0 to an even surface. @defaultValue false */
  readonly seesDifferences?: boolean;
}

function removeMeans(filters: Float32Array, area: number): void {
  for (let start = 0; start < filters.length; start += area) {
    const filter = filters.subarray(start, start + area);
    const mean = filter.reduce((sum, weight) => sum + weight, 0) / area;
    for (let i = 0; i < area; i++) filter[i]! -= mean;
  }
}

/** Centres of the cells, in cells, row by row, and their stride in pixels. */
function anchorCentres(): { readonly xs: number[]; readonly ys: number[]; readonly strides: number[] } {
  const xs: number[] = [];
  const ys: number[] = [];
  const strides: number[] = [];
  for (const stride of STRIDES) {
    const side = INPUT_SIDE / stride;
    for (let i = 0; i < side * side; i++) {
      xs.push((i % side) + 0.5);
      ys.push(Math.floor(i / side) + 0.5);
      strides.push(stride);
    }
  }
  return { xs, ys, strides };
}
