import { DiptychError } from '../../shared/domain/errors.js';
import type { OnnxAttributes, OnnxConstant, OnnxNode } from './onnx-builder.js';
import type { WeightArray, WeightMap } from './tfjs-weights.js';

/** TensorFlow's order of sides (rows and columns before channels) to that of ONNX's convolutions, and back. */
const TO_PLANAR = [0, 3, 1, 2] as const;
const TO_PLAIN = [0, 2, 3, 1] as const;

/**
 * What a conversion has made so far. A value of four sides exists in up to two forms: `plain` as TensorFlow has
 * it, and `planar`, its channels second, as ONNX's convolutions take it. A form that is lacking is made by a
 * transposition when it is asked for, once. Integers are 64 bits wide, as ONNX's shapes are.
 */
export class TfjsValues {
  /** In an order in which every node comes after those it reads. */
  readonly nodes: OnnxNode[] = [];
  /** Weights and other constants that some node reads. */
  readonly constants: OnnxConstant[] = [];
  readonly #weights: WeightMap;
  readonly #plain = new Map<string, string>();
  readonly #planar = new Map<string, string>();

  constructor(weights: WeightMap) {
    this.#weights = weights;
  }

  /** Adds an operation of one result. @returns the result's name */
  add(operator: string, inputs: readonly string[], attributes: OnnxAttributes = {}): string {
    return this.addMany(operator, inputs, 1, attributes)[0]!;
  }

  /** Adds an operation of `count` results. @returns their names */
  addMany(
    operator: string,
    inputs: readonly string[],
    count: number,
    attributes: OnnxAttributes = {},
  ): readonly string[] {
    const name = `${operator}_${this.nodes.length}`;
    const more = Array.from({ length: count - 1 }, (_, i) => `${name}:${i + 1}`);
    this.nodes.push({ operator, inputs, outputs: [name, ...more], attributes });
    return [name, ...more];
  }

  /** Adds a constant of integers. @returns its name */
  integers(values: readonly number[], dims: readonly number[] = [values.length]): string {
    const name = `integers_${this.constants.length}`;
    this.constants.push({ name, dims, integers: values });
    return name;
  }

  /** Adds a constant of floats. @returns its name */
  floats(values: Float32Array, dims: readonly number[] = [values.length]): string {
    const name = `floats_${this.constants.length}`;
    this.constants.push({ name, dims, floats: values });
    return name;
  }

  /** The name of a value in TensorFlow's form. */
  plain(reference: string): string {
    const known = this.#plain.get(reference);
    if (known !== undefined) return known;
    const planar = this.#planar.get(reference);
    const made = planar === undefined ? this.#constant(reference) : this.add('Transpose', [planar], { perm: TO_PLAIN });
    this.#plain.set(reference, made);
    return made;
  }

  /** The name of a value of four sides, its channels second. */
  planar(reference: string): string {
    const known = this.#planar.get(reference);
    if (known !== undefined) return known;
    const made = this.add('Transpose', [this.plain(reference)], { perm: TO_PLANAR });
    this.#planar.set(reference, made);
    return made;
  }

  /** Whether a value is there with its channels second, so that it need not be transposed. */
  hasPlanar(reference: string): boolean {
    return this.#planar.has(reference);
  }

  /** Whether a value is there in TensorFlow's form. */
  hasPlain(reference: string): boolean {
    return this.#plain.has(reference);
  }

  /** Says that `name` holds a value in TensorFlow's form. */
  setPlain(reference: string, name: string): void {
    this.#plain.set(reference, name);
  }

  /** Says that `name` holds a value, its channels second. */
  setPlanar(reference: string, name: string): void {
    this.#planar.set(reference, name);
  }

  /** Whether a value is known without running the network. */
  isConstant(reference: string): boolean {
    return this.#weights.has(reference);
  }

  /**
   * A value that is known without running the network.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where it is not.
   */
  weight(reference: string | undefined): WeightArray {
    const weight = reference === undefined ? undefined : this.#weights.get(reference);
    if (weight !== undefined) return weight;
    throw new DiptychError(
      'DIPTYCH_E_MODEL',
      `the graph computes ${reference}, which can only be converted if constant`,
    );
  }

  /** Integers that are known without running the network. Throws as {@link weight}. */
  known(reference: string | undefined): readonly number[] {
    return [...this.weight(reference).data];
  }

  #constant(reference: string): string {
    const { shape, data } = this.weight(reference);
    return data instanceof Int32Array ? this.integers([...data], shape) : this.floats(data, shape);
  }
}
