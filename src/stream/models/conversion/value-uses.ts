import { capturedBy } from '../../onnx/onnx-graph.js';
import type { GraphProto, NodeProto } from '../../onnx/schema/onnx_pb.js';

/** Who makes and who uses the values of a graph. */
export class ValueUses {
  readonly #makers: ReadonlyMap<string, NodeProto>;
  readonly #users = new Map<string, NodeProto[]>();
  /** Given out, or used by the graph within a node: those have to stay. */
  readonly #kept: Set<string>;

  constructor({ node, output }: GraphProto) {
    this.#kept = new Set([...output.map(({ name }) => name), ...node.flatMap(capturedBy)]);
    this.#makers = new Map(node.flatMap((each) => each.output.map((name) => [name, each] as const)));
    for (const each of node) {
      for (const name of new Set(each.input)) this.#users.set(name, [...(this.#users.get(name) ?? []), each]);
    }
  }

  /** The node that gives a value; `undefined` for inputs and initializers. */
  makerOf(name: string): NodeProto | undefined {
    return this.#makers.get(name);
  }

  /** All nodes that use a value; `undefined` where something else does, too. */
  usersOf(name: string): readonly NodeProto[] | undefined {
    return this.#kept.has(name) ? undefined : (this.#users.get(name) ?? []);
  }

  /** The node that uses a value, if it is the only one and an operator of that name. */
  onlyUserOf(name: string, operator: string): NodeProto | undefined {
    const users = this.usersOf(name);
    const [only] = users ?? [];
    return users?.length === 1 && only?.opType === operator ? only : undefined;
  }
}
