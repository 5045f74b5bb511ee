import { withReferences } from '../../shared/config/references.js';
import type { StreamConfig } from '../../shared/config/schema.js';
import { DiptychError } from '../../shared/domain/errors.js';
import { withoutDefaults, type CompleteStream } from './complete-stream.js';
import { rejectDoubleTargets } from './double-targets.js';
import { combine, entryFor, type BaseStream } from './layered-streams.js';
import { EMPTY_STATE, type StateDocument, type StateEntry } from './state-document.js';
import { type WrittenStream } from './written-stream.js';
import { isBlock } from '../../shared/is-block.js';

/** A configuration, as far as streams go. */
export interface BaseConfiguration {
  /** For messages: its file. */
  readonly name: string;
  /** Checked; secrets filled in. */
  readonly streams: readonly StreamConfig[];
  /** In the same order, as they were written. */
  readonly writtenStreams: readonly unknown[];
}

/** Where a stream comes from. */
export interface StreamOrigin {
  /** Its name in the configuration; absent where the API added it. */
  readonly base?: string;
}

/** A stream that is to run. */
export interface PlannedStream extends StreamOrigin {
  /** Checked. */
  readonly complete: CompleteStream;
  /** Its options that are not as the configuration says. */
  readonly changed: readonly string[];
}

/** What is to run, and what of the state is not followed. */
export interface StreamPlan {
  /** In their order. */
  readonly plan: readonly PlannedStream[];
  /** What the configuration has overtaken. */
  readonly dropped: readonly string[];
  /** What cannot run as it was kept; it is kept all the same. */
  readonly refused: readonly string[];
}

/** The configuration and what was changed over it, at one time; every change makes another one. */
export class StateLayer {
  readonly #bases: readonly BaseStream[];
  readonly #state: StateDocument;

  private constructor(bases: readonly BaseStream[], state: StateDocument) {
    this.#bases = bases;
    this.#state = state;
  }

  /** What is kept of an earlier time is still part of it where the configuration has not overtaken it, see `plan`. */
  static of(base: BaseConfiguration, state: StateDocument = EMPTY_STATE): StateLayer {
    const bases = base.streams.map((config, index) => baseStream(config, base.writtenStreams[index]));
    return new StateLayer(bases, state);
  }

  /** To be written. */
  get state(): StateDocument {
    return this.#state;
  }

  /**
   * What is to run. A stream that cannot run as it was changed runs as the configuration says; one that was added and
   * cannot run is left out.
   *
   * @param complete - checks one stream, beside it as the configuration has it (absent where it has none). Throws
   *   {@link DiptychError} with what is wrong with it
   * @returns the plan, and the layer without what the configuration has overtaken
   */
  plan(complete: (written: unknown, base: unknown) => CompleteStream): StreamPlan & { readonly layer: StateLayer } {
    const { streams, entries, dropped } = combine(this.#bases, this.#state);
    const plan: PlannedStream[] = [];
    const refused: string[] = [];
    const accept = (written: unknown, origin: Omit<PlannedStream, 'complete'>): void => {
      const checked = complete(written, this.#base(origin.base)?.written);
      const earlier = plan.map((planned) => planned.complete.config);
      rejectDoubleTargets(checked.config, earlier);
      plan.push({ complete: checked, ...origin });
    };
    for (const { written, base, changed } of streams) {
      try {
        accept(written, { ...(base !== undefined && { base }), changed });
      } catch (error) {
        if (!(error instanceof DiptychError)) throw error;
        const instead = base === undefined ? 'it is left out' : 'it runs as the configuration says';
        refused.push(`stream "${written.id}" cannot run as it was changed (${error.message}); ${instead}`);
        if (base !== undefined) accept(this.#base(base)?.written, { base, changed: [] });
      }
    }
    return { plan, dropped, refused, layer: new StateLayer(this.#bases, { ...this.#state, streams: [...entries] }) };
  }

  /**
   * With a stream that is changed, or added.
   *
   * @param former - its name so far; absent: it is added
   */
  with(former: string | undefined, { base: baseId }: StreamOrigin, wanted: WrittenStream): StateLayer {
    const base = this.#base(baseId);
    const entry = base ? entryFor(base, wanted) : { added: withoutDefaults(wanted) };
    return this.#with(former ?? wanted.id, base && baseId, entry);
  }

  /** Without a stream. */
  without(id: string, { base: baseId }: StreamOrigin): StateLayer {
    const base = this.#base(baseId);
    return this.#with(id, base && baseId, base && entryFor(base, undefined));
  }

  #base(id: string | undefined): BaseStream | undefined {
    return this.#bases.find(({ written }) => written.id === id);
  }

  #with(id: string, base: string | undefined, entry: StateEntry | undefined): StateLayer {
    const { generation, streams } = this.#state;
    const isFormer = (one: StateEntry): boolean =>
      'added' in one ? base === undefined && one.added.id === id : one.stream === base;
    const at = streams.findIndex(isFormer);
    const next = streams.filter((one) => !isFormer(one));
    if (entry) next.splice(at < 0 ? next.length : at, 0, entry);
    return new StateLayer(this.#bases, { version: 1, generation: generation + 1, streams: next });
  }
}

function baseStream(config: StreamConfig, source: unknown): BaseStream {
  const named = withReferences(config, source);
  const written = { ...(isBlock(named) ? named : {}), id: config.id };
  return { written, source: withTargetNames(source, config) };
}

/** So that targets are known by name, also in what somebody wrote without names. */
function withTargetNames(source: unknown, { targets }: Pick<StreamConfig, 'targets'>): unknown {
  if (!isBlock(source) || !Array.isArray(source['targets'])) return source;
  const named = (source['targets'] as unknown[]).map((target, index) =>
    isBlock(target) ? { ...target, id: targets[index]?.id } : target,
  );
  return { ...source, targets: named };
}
