import type { SourceConfig } from '../shared/config/schema.js';
import type { Problem } from '../shared/domain/status-error.js';
import type { LiveSource, LiveSourceOptions } from './live-source.js';
import type { NativeAddon } from './native/types.js';
import type { SourceInfo } from './stages/ingest/source-session.js';

/** A source as it is switched. */
export type SwitchedSource = Pick<
  LiveSource,
  'adjust' | 'begin' | 'condition' | 'damaged' | 'droppedBy' | 'follow' | 'frames$' | 'info' | 'lagMs'
> &
  Pick<LiveSource, 'restart' | 'run' | 'trouble'> & {
    /** As of a {@link LiveSource}; `former` is one of these. */
    goOnAir(former?: SwitchedSource): void;
  };

/** What is told of a source. */
export type SourceListeners = Pick<LiveSourceOptions, 'onInfo' | 'onLost' | 'onOpened'>;

/** A source that is to be shown, and is not yet. */
export interface NextSource {
  /** Its options. */
  readonly source: SourceConfig;
  /** Why it does not come; absent while nothing has failed. */
  readonly problem?: Problem;
  /** When it is opened again, ms from now. */
  readonly retryInMs?: number;
}

/** What a {@link SwitchingSource} is made with; the listeners are told of the source that is shown. */
export interface SwitchingSourceOptions extends SourceListeners {
  /** The first one. */
  readonly source: SourceConfig;
  /** Makes a source; it is run once. */
  readonly create: (source: SourceConfig, listeners: SourceListeners) => SwitchedSource;
  /** Gives back frames that are not shown; tells the running time. */
  readonly addon: Pick<NativeAddon, 'nowMs' | 'release'>;
  /** Another source is wanted, or how it is has changed; `undefined` where none is any more. */
  readonly onNext: (next: NextSource | undefined) => void;
  /** Another source is shown from now on; `info` is what is known of it. */
  readonly onShown: (source: SourceConfig, info: SourceInfo) => void;
}
