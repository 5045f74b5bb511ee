import { toSchemaNode, type SchemaNode } from './json-schema.js';
import { streamSchema, type StreamConfig } from './schema.js';
import { isBlock } from '../is-block.js';

/** Paths of options that differ between two configurations of a stream, such as `output.width`. */
export interface ChangedOptions {
  /** They apply while the stream runs. */
  readonly live: readonly string[];
  /** The stream has to be started anew for them. */
  readonly restart: readonly string[];
}

/** Changes of options that are live otherwise. */
const NEEDS_RESTART: Readonly<Record<string, (before: unknown, after: unknown) => boolean>> = {
  // The network is opened, or freed.
  'reid.mode': (before, after) => before === 'off' || after === 'off',
};

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
    const name = path.join('.');
    (node?.live === true && NEEDS_RESTART[name]?.(old, now) !== true ? live : restart).push(name);
  }
}
