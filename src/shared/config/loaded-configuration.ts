import type { ReadConfiguration } from './parse-config.js';

/** A configuration with what is known of where it came from. */
export interface LoadedConfiguration extends ReadConfiguration {
  /** For messages: the file, or `defaults`. */
  readonly name: string;
  /** Of the file; empty without one. */
  readonly text: string;
  /** Folder for what the API changes, absolute; absent where nothing is to be kept. */
  readonly stateFolder?: string;
  /** Folder for tokens that are made, absolute; that of the state where absent, and where there is none, nothing is kept. */
  readonly accessFolder?: string;
}
