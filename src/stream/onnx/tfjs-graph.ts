import * as z from 'zod';
import { DiptychError } from '../../shared/domain/errors.js';

const shapeSchema = z.object({ dim: z.array(z.object({ size: z.coerce.number().int() })).default([]) });

const attributeSchema = z.object({
  b: z.boolean().optional(),
  f: z.number().optional(),
  i: z.coerce.number().int().optional(),
  /** Text in Base64. */
  s: z.string().optional(),
  type: z.string().optional(),
  shape: shapeSchema.optional(),
  list: z.object({ i: z.array(z.coerce.number().int()).optional(), s: z.array(z.string()).optional() }).optional(),
});

const modelSchema = z.object({
  format: z.literal('graph-model'),
  signature: z.object({
    outputs: z.record(z.string(), z.object({ name: z.string(), tensorShape: shapeSchema })),
  }),
  modelTopology: z.object({
    node: z.array(
      z.object({
        name: z.string(),
        op: z.string(),
        input: z.array(z.string()).default([]),
        attr: z.record(z.string(), attributeSchema).default({}),
      }),
    ),
  }),
  weightsManifest: z.array(z.unknown()),
});

/** One operation of a TensorFlow graph. */
export class TfjsNode {
  /** Unique in its graph. */
  readonly name: string;
  /** TensorFlow's name of the operation. */
  readonly op: string;
  /** Its arguments: the name of a node, with ":1" and so on for a result that is not its first. */
  readonly inputs: readonly string[];
  readonly #attributes: Readonly<Record<string, z.output<typeof attributeSchema>>>;

  constructor({ name, op, input, attr }: z.output<typeof modelSchema>['modelTopology']['node'][number]) {
    this.name = name;
    this.op = op;
    this.inputs = input.filter((each) => !each.startsWith('^')).map(plainReference);
    this.#attributes = attr;
  }

  /** An integer attribute. @defaultValue 0, as TensorFlow leaves out what is not set */
  integer(name: string): number {
    return this.#attributes[name]?.i ?? 0;
  }

  /** A list of integers; empty where it is not given. */
  integers(name: string): readonly number[] {
    return this.#attributes[name]?.list?.i ?? [];
  }

  /** A floating-point attribute. @defaultValue 0 */
  float(name: string): number {
    return this.#attributes[name]?.f ?? 0;
  }

  /** A switch. @defaultValue false */
  flag(name: string): boolean {
    return this.#attributes[name]?.b ?? false;
  }

  /** A text; empty where it is not given. */
  text(name: string): string {
    return fromBase64(this.#attributes[name]?.s ?? '');
  }

  /** A list of texts. */
  texts(name: string): readonly string[] {
    return (this.#attributes[name]?.list?.s ?? []).map(fromBase64);
  }

  /** A type of numbers, as `DT_FLOAT`. */
  type(name: string): string | undefined {
    return this.#attributes[name]?.type;
  }

  /** A shape; −1 is a side that is known at run time only. */
  shape(name: string): readonly number[] {
    return (this.#attributes[name]?.shape?.dim ?? []).map(({ size }) => size);
  }
}

/** What one result of a graph is called and how large it is. */
export interface TfjsOutput {
  /** Reference as in {@link TfjsNode.inputs}. */
  readonly reference: string;
  /** −1 is a side that is known at run time only. */
  readonly shape: readonly number[];
}

/** The JSON file of a TensorFlow.js graph model. */
export interface TfjsGraph {
  /** By name. */
  readonly nodes: ReadonlyMap<string, TfjsNode>;
  /** In alphabetical order of their references. */
  readonly outputs: readonly TfjsOutput[];
  /** The part that says where in the data each weight lies, as JSON. */
  readonly weightsManifest: string;
}

/**
 * Reads the JSON file of a TensorFlow.js graph model.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` with the place of the first mistake.
 */
export function readTfjsGraph(json: string): TfjsGraph {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw notTfjs(`it is not JSON: ${String(error)}`);
  }
  const result = modelSchema.safeParse(value);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw notTfjs(`${issue?.path.join('.') || 'top level'}: ${issue?.message}`);
  }
  const { signature, modelTopology, weightsManifest } = result.data;
  const outputs = Object.values(signature.outputs).map(({ name, tensorShape }) => ({
    reference: plainReference(name),
    shape: tensorShape.dim.map(({ size }) => size),
  }));
  return {
    nodes: new Map(modelTopology.node.map((node) => [node.name, new TfjsNode(node)])),
    outputs: outputs.sort((a, b) => (a.reference < b.reference ? -1 : 1)),
    weightsManifest: JSON.stringify(weightsManifest),
  };
}

const plainReference = (reference: string): string => reference.replace(/:0$/, '');

const fromBase64 = (text: string): string => Buffer.from(text, 'base64').toString('latin1');

const notTfjs = (what: string): DiptychError =>
  new DiptychError('DIPTYCH_E_MODEL', `this is no TensorFlow.js graph model that can be read: ${what}`);
