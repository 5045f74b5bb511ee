import { createHash } from 'node:crypto';
import type { OptionChange, StateDocument, StateEntry } from './state-document.js';
import { canonical, isSame, withTargetsByName, withTargetsListed, type WrittenStream } from './written-stream.js';
import { isBlock } from '../../shared/is-block.js';

/** A stream of the configuration file or the command line. */
export interface BaseStream {
  /** As somebody wrote it, with the names of its targets, without defaults. */
  readonly source: unknown;
  /** The same with its defaults. */
  readonly written: WrittenStream;
}

/** A stream that is to run, and where it comes from. */
export interface LayeredStream {
  /** Its name in the configuration; absent where the API added it. */
  readonly base?: string;
  /** What is to run. */
  readonly written: WrittenStream;
  /** Options that are not as the configuration says, such as `output.fps`. */
  readonly changed: readonly string[];
}

/** Both layers together. */
export interface LayeredStreams {
  /** Those of the configuration in its order, then those that the API added. */
  readonly streams: readonly LayeredStream[];
  /** What is still in force of the state. */
  readonly entries: readonly StateEntry[];
  /** What of the state is not in force any more, and why; for the log. */
  readonly dropped: readonly string[];
}

/**
 * What the configuration says, with what the API changed over it. Of each option the last word counts: the API's,
 * unless the configuration says something else of it than it did when the API changed it.
 */
export function combine(base: readonly BaseStream[], state: Pick<StateDocument, 'streams'>): LayeredStreams {
  const dropped: string[] = [];
  const entries: StateEntry[] = [];
  const streams: LayeredStream[] = [];
  const taken = new Set(base.map(({ written }) => written.id));
  for (const { source, written } of base) {
    const entry = state.streams.find((one) => 'stream' in one && one.stream === written.id);
    if (entry === undefined || !('stream' in entry)) {
      streams.push({ base: written.id, written, changed: [] });
    } else if ('deleted' in entry) {
      if (entry.deleted.file === hashOf(source)) entries.push(entry);
      else {
        dropped.push(`stream "${written.id}" was deleted by the API, and is there again: its entry has changed since`);
        streams.push({ base: written.id, written, changed: [] });
      }
    } else {
      const kept = stillInForce({ source, written }, entry.changed, taken, dropped);
      const changed = Object.keys(kept);
      if (changed.length > 0) entries.push({ stream: written.id, changed: kept });
      const result = apply(written, kept);
      taken.add(result.id);
      streams.push({ base: written.id, written: result, changed });
    }
  }
  const names = new Set(streams.map(({ written }) => written.id));
  for (const entry of state.streams) {
    if ('added' in entry) {
      const { added } = entry;
      if (names.has(added.id)) {
        dropped.push(`stream "${added.id}" of the API is left out: the configuration has one of that name now`);
        continue;
      }
      names.add(added.id);
      entries.push(entry);
      streams.push({ written: added, changed: [] });
    } else if (base.every(({ written }) => written.id !== entry.stream)) {
      dropped.push(`what the API changed of stream "${entry.stream}" is left out: the configuration has it no more`);
    }
  }
  return { streams, entries, dropped };
}

/**
 * What is to be kept of one stream so that {@link combine} makes `wanted` of it; `undefined` where that is what the
 * configuration says.
 *
 * @param wanted - absent: the stream is deleted
 */
export function entryFor(base: BaseStream, wanted: WrittenStream | undefined): StateEntry | undefined {
  const { source, written } = base;
  if (wanted === undefined) return { stream: written.id, deleted: { file: hashOf(source) } };
  const named = withTargetsByName(source);
  const changed: Record<string, OptionChange> = {};
  compare(withTargetsByName(written), withTargetsByName(wanted), []);
  return Object.keys(changed).length === 0 ? undefined : { stream: written.id, changed };

  function compare(before: unknown, after: unknown, path: readonly string[]): void {
    if (isSame(before, after)) return;
    if (isBlock(before) && isBlock(after)) {
      for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
        compare(before[key], after[key], [...path, key]);
      }
      return;
    }
    const said = valueAt(named, path);
    changed[path.join('.')] = {
      ...(after !== undefined && { value: after }),
      ...(said !== undefined && { file: hashOf(said) }),
    };
  }
}

/** The changes over which the configuration has not said anything else since. */
function stillInForce(
  { source, written }: BaseStream,
  changed: Readonly<Record<string, OptionChange>>,
  taken: ReadonlySet<string>,
  dropped: string[],
): Record<string, OptionChange> {
  const named = withTargetsByName(source);
  const kept: Record<string, OptionChange> = {};
  for (const [option, change] of Object.entries(changed)) {
    const said = valueAt(named, option.split('.'));
    if ((said === undefined ? undefined : hashOf(said)) !== change.file) {
      dropped.push(`stream "${written.id}": ${option} is as the configuration says, which was changed last`);
    } else if (option === 'id' && typeof change.value === 'string' && taken.has(change.value)) {
      dropped.push(`stream "${written.id}" keeps its name: the configuration has a stream "${change.value}" now`);
    } else {
      kept[option] = change;
    }
  }
  return kept;
}

function apply(written: WrittenStream, changed: Readonly<Record<string, OptionChange>>): WrittenStream {
  let result: unknown = withTargetsByName(written);
  for (const [option, { value }] of Object.entries(changed)) result = setAt(result, option.split('.'), value);
  return { ...withTargetsListed(isBlock(result) ? result : {}), id: idOf(result) ?? written.id };
}

const idOf = (stream: unknown): string | undefined =>
  isBlock(stream) && typeof stream['id'] === 'string' ? stream['id'] : undefined;

function setAt(container: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  const block: Record<string, unknown> = isBlock(container) ? { ...container } : {};
  if (rest.length === 0 && value === undefined) Reflect.deleteProperty(block, key);
  else block[key] = setAt(Object.hasOwn(block, key) ? block[key] : undefined, rest, value);
  return block;
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (isBlock(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined),
    value,
  );
}

/** Tells whether the configuration still says the same, without saying what. */
const hashOf = (value: unknown): string => createHash('sha256').update(canonical(value)).digest('hex').slice(0, 16);
