import type { ChangedOptions } from '../../shared/config/changed-options.js';
import type { ReferenceSources } from '../../shared/config/references.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import type { StreamAdmission } from '../access/stream-admission.adapter.js';
import type { StreamRegistry } from '../streams/stream-registry.adapter.js';
import type { StateFile } from './state-file.adapter.js';

/** Where changes are kept. */
export type KeptState = Pick<StateFile, 'path' | 'read' | 'write'>;

/** What a stream store works on. */
export interface StreamStoreOptions {
  /** Where the streams run. */
  readonly registry: StreamRegistry;
  /** Where changes are kept. @defaultValue nowhere: they are lost at the end */
  readonly file?: KeptState;
  /** Where `${NAME}` and secrets in files come from. */
  readonly references: ReferenceSources;
  /** Decides which streams of the API are taken. */
  readonly admission: StreamAdmission;
  /** Tells which file was taken for what. */
  readonly logger: Logger;
}

/** What a reload did. */
export interface ReloadResult {
  /** Names of streams that are new. */
  readonly added: readonly string[];
  /** Names of streams that ended. */
  readonly removed: readonly string[];
  /** Names of streams that changed, with their options. */
  readonly changed: Readonly<Record<string, ChangedOptions>>;
}
