import * as z from 'zod';
import { streamSchema } from '../../shared/config/schema.js';
import { targetSchema } from '../../shared/config/target-schema.js';
import {
  changedConfigSchema,
  changedOptionsSchema,
  changedStreamSchema,
  healthSchema,
  loggedEventSchema,
  probeBodySchema,
  probeResultSchema,
  problemKindSchema,
  problemSchema,
  readinessSchema,
  recordingSchema,
  statusErrorSchema,
  streamViewSchema,
  targetViewSchema,
} from './schemas.js';
import { shotActionSchema } from './shot-schema.js';
import { slotActionSchema } from './slot-schema.js';

type Direction = 'input' | 'output';
type Node = Readonly<Record<string, unknown>>;

/** Names of what is sent and of what is answered; the two differ where defaults are filled in. */
const NAMES: Readonly<Record<Direction, ReadonlyMap<z.core.$ZodType, string>>> = {
  input: new Map<z.core.$ZodType, string>([
    [streamSchema, 'StreamOptions'],
    [targetSchema, 'TargetOptions'],
    [slotActionSchema, 'SlotAction'],
    [shotActionSchema, 'ShotAction'],
    [probeBodySchema, 'ProbeOptions'],
  ]),
  output: new Map<z.core.$ZodType, string>([
    [streamSchema, 'StreamConfiguration'],
    [streamViewSchema, 'Stream'],
    [changedStreamSchema, 'ChangedStream'],
    [changedConfigSchema, 'ChangedConfiguration'],
    [changedOptionsSchema, 'ChangedOptions'],
    [targetViewSchema, 'Target'],
    [statusErrorSchema, 'StatusError'],
    [recordingSchema, 'Recording'],
    [loggedEventSchema, 'Event'],
    [probeResultSchema, 'ProbeResult'],
    [problemSchema, 'Problem'],
    [problemKindSchema, 'ProblemKind'],
    [healthSchema, 'Health'],
    [readinessSchema, 'Readiness'],
  ]),
};

/** Name of what changes a stream. */
const PATCH = 'StreamPatch';

/** The schemas that an OpenAPI document is made of: those with a name are written once, and referred to. */
export class OpenApiSchemas {
  readonly #components: Record<string, Node> = {};

  /** Those that were referred to so far, by their names. */
  get components(): Readonly<Record<string, Node>> {
    return Object.fromEntries(Object.entries(this.#components).sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** A schema in the place where it is used. */
  use(schema: z.ZodType, io: Direction): Node {
    const name = NAMES[io].get(schema);
    if (name === undefined) return this.#convert(schema, io);
    if (!Object.hasOwn(this.#components, name)) {
      this.#components[name] = {};
      this.#components[name] = this.#convert(schema, io);
    }
    return reference(name);
  }

  /** What changes some options of a stream. */
  usePatch(): Node {
    this.#components[PATCH] ??= withoutRequired(this.#convert(streamSchema, 'input')) as Node;
    return reference(PATCH);
  }

  #convert(schema: z.ZodType, io: Direction): Node {
    const { $schema: _dialect, ...node } = z.toJSONSchema(schema, {
      io,
      override: ({ zodSchema, jsonSchema }) => {
        nameExtensions(jsonSchema);
        if ((zodSchema as unknown) === schema || !NAMES[io].has(zodSchema)) return;
        for (const key of Object.keys(jsonSchema)) Reflect.deleteProperty(jsonSchema, key);
        Object.assign(jsonSchema, this.use(zodSchema as unknown as z.ZodType, io));
      },
    });
    return node;
  }
}

/** What JSON Schema does not know has a name of its own in OpenAPI. */
function nameExtensions(node: Record<string, unknown>): void {
  if (!Object.hasOwn(node, 'live')) return;
  node['x-live'] = node['live'];
  Reflect.deleteProperty(node, 'live');
}

const reference = (name: string): Node => ({ $ref: `#/components/schemas/${name}` });

/** In a merge patch every key of a block may be left out; a list is replaced as a whole. */
function withoutRequired(node: unknown): unknown {
  if (typeof node !== 'object' || node === null) return node;
  const {
    required: _required,
    properties,
    ...rest
  } = node as { required?: unknown; properties?: Record<string, unknown> };
  if (properties === undefined) return node;
  const inner = Object.entries(properties).map(([key, value]) => [key, withoutRequired(value)]);
  return { ...rest, properties: Object.fromEntries(inner) as unknown };
}
