import { toSchemaNode, type SchemaNode } from './json-schema.js';
import { streamSchema, type StreamConfig } from './schema.js';

/** Paths of options that differ between two configurations of a stream, such as `output.width`. */
export interface ChangedOptions {
  /** They apply while the stream runs. */
  readonly live: readonly string[];
  /** The stream has to be started anew for them. */
  readonly restart: readonly string[];
}

let streamNode: SchemaNode | undefined;

/** What differs, and which of it can be applied while the stream runs, as the schema says (`live`). */
export function changedOptions(before: StreamConfig, after: StreamConfig): ChangedOptions {
  const live: string[] = [];
  const restart: string[] = [];
  streamNode ??= toSchemaNode(streamSchema);
  visit(before, after, streamNode, []);
  return { live, restart };

  function visit(old: unknown, now: unknown, node: SchemaNode | undefined, path: readonly string[]): void {
    if (JSON.stringify(old) === JSON.stringify(now)) return;
    if (node?.live !== true && isBlock(old) && isBlock(now)) {
      for (const key of new Set([...Object.keys(old), ...Object.keys(now)])) {
        visit(old[key], now[key], node?.properties?.[key], [...path, key]);
      }
      return;
    }
    (node?.live === true ? live : restart).push(path.join('.'));
  }
}

const isBlock = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
