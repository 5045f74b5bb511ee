import * as z from 'zod';
import { gatewaySchema } from './schema.js';

/** The part of JSON Schema (draft 2020-12) that the configuration uses. */
export interface SchemaNode {
  /** `string`, `number`, `integer`, `boolean`, `array` or `object`; absent where `enum` lists the values. */
  readonly type?: string;
  /** What the option means, as the example configuration says it. */
  readonly description?: string;
  /** The value where the option is left out. */
  readonly default?: unknown;
  /** Whether a change of it applies while the stream runs; otherwise the stream is started anew. */
  readonly live?: boolean;
  /** All values that are allowed. */
  readonly enum?: readonly unknown[];
  /** Several kinds of values that are allowed. */
  readonly anyOf?: readonly SchemaNode[];
  /** The only value that is allowed. */
  readonly const?: unknown;
  /** The lowest number allowed. */
  readonly minimum?: number;
  /** The highest number allowed. */
  readonly maximum?: number;
  /** The number has to be above this. */
  readonly exclusiveMinimum?: number;
  /** The number has to be a whole multiple of this. */
  readonly multipleOf?: number;
  /** The fewest characters of a text. */
  readonly minLength?: number;
  /** The most characters of a text. */
  readonly maxLength?: number;
  /** Of the first elements of a list, each; of the others `items`. */
  readonly prefixItems?: readonly SchemaNode[];
  /** The most elements of a list. */
  readonly maxItems?: number;
  /** Regular expression that text has to match. */
  readonly pattern?: string;
  /** Of an object: its keys. */
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  /** Of an array: what each element is. */
  readonly items?: SchemaNode;
  /** Keys that cannot be left out. */
  readonly required?: readonly string[];
}

/** Keys and list indices from the root of a configuration to a value. */
export type SchemaPath = readonly PropertyKey[];

const nodes = new WeakMap<z.ZodType, SchemaNode>();

/** JSON schema of what a person may write (defaults may be left out); made once for each schema. */
export function toSchemaNode(schema: z.ZodType): SchemaNode {
  const made = nodes.get(schema) ?? makeSchemaNode(schema);
  nodes.set(schema, made);
  return made;
}

function makeSchemaNode(schema: z.ZodType): SchemaNode {
  const node = z.toJSONSchema(schema, { io: 'input' }) as SchemaNode & { readonly oneOf?: readonly SchemaNode[] };
  return node.oneOf === undefined ? node : joinVariants(node.oneOf);
}

/** Blocks of which one is written: the keys of all, and for a key that tells them apart all its values. */
function joinVariants(variants: readonly SchemaNode[]): SchemaNode {
  const properties: Record<string, SchemaNode> = {};
  for (const [key, node] of variants.flatMap((variant) => Object.entries(variant.properties ?? {}))) {
    const known = properties[key];
    properties[key] = node.const === undefined ? node : { enum: [...(known?.enum ?? []), node.const] };
  }
  return { type: 'object', properties };
}

/** Marks each option that is not live as such. */
function sayWhatRestarts(node: SchemaNode | undefined): void {
  if (node === undefined || node.live === true) return;
  if (node.properties === undefined) Object.assign(node, { live: false });
  else for (const option of Object.values(node.properties)) sayWhatRestarts(option);
}

/** What `diptych config schema` prints; editors complete and check a config file with it. */
export function gatewayJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(gatewaySchema, { io: 'input' });
  sayWhatRestarts(schemaAt(schema as SchemaNode, ['streams', 0]));
  return { $schema, title: 'Diptych gateway configuration', ...schema };
}

/** The schema of the value at `path`; numbers in the path are places in a list. Of several kinds of values, that which is a block. */
export function schemaAt(root: SchemaNode, path: SchemaPath): SchemaNode | undefined {
  let node: SchemaNode | undefined = root;
  for (const step of path) {
    node =
      typeof step === 'number' ? (node?.prefixItems?.[step] ?? node?.items) : blockOf(node)?.properties?.[String(step)];
  }
  return node;
}

/** Itself, or the block among several kinds of values. */
export const blockOf = (node: SchemaNode | undefined): SchemaNode | undefined =>
  node?.anyOf?.find(({ properties }) => properties !== undefined) ?? node;

/**
 * What may stand here, in words: `a whole number from 5 to 60`.
 * @param value - what stands there; how long it may be matters only to text and lists
 */
export function describeExpected(node: SchemaNode | undefined, value?: unknown): string {
  if (node === undefined) return 'nothing';
  if (node.enum !== undefined) return `one of ${node.enum.map(String).join(', ')}`;
  if (node.anyOf !== undefined) return node.anyOf.map((each) => describeExpected(each, value)).join(' or ');
  if (node.const !== undefined) return JSON.stringify(node.const);
  switch (node.type) {
    case 'integer':
      return `a whole number${describeRange(node)}`;
    case 'number':
      return `a number${describeRange(node)}`;
    case 'boolean':
      return 'true or false';
    case 'array':
      if (node.prefixItems) return `a list of ${node.prefixItems.length} values`;
      return node.maxItems === undefined || !Array.isArray(value) ? 'a list' : `a list of at most ${node.maxItems}`;
    case 'object':
      return `a block of keys${describeKeys(node)}`;
    default:
      return node.maxLength === undefined || typeof value !== 'string'
        ? 'text'
        : `text of ${node.minLength ?? 0} to ${node.maxLength} characters`;
  }
}

function describeKeys({ properties }: SchemaNode): string {
  return properties === undefined ? '' : ` (${Object.keys(properties).join(', ')})`;
}

function describeRange({ minimum, maximum, exclusiveMinimum, multipleOf }: SchemaNode): string {
  const isBounded = (limit: number | undefined): limit is number =>
    limit !== undefined && Math.abs(limit) < Number.MAX_SAFE_INTEGER;
  const parts: string[] = [];
  if (exclusiveMinimum !== undefined) parts.push(`above ${exclusiveMinimum}`);
  if (isBounded(minimum)) parts.push(isBounded(maximum) ? `from ${minimum}` : `of at least ${minimum}`);
  if (isBounded(maximum)) parts.push(isBounded(minimum) ? `to ${maximum}` : `up to ${maximum}`);
  if (multipleOf !== undefined) parts.push(`in steps of ${multipleOf}`);
  return parts.length === 0 ? '' : ` ${parts.join(' ')}`;
}
