import type { DecoderChoice, DecoderChoices } from './decoder-choice.js';

/** What decodes the pictures of a source. */
export interface Decoding {
  /** The decoder for each codec. */
  readonly choices: DecoderChoices;
  /** Of a file: the one its graph was built with; absent where GStreamer finds one. */
  readonly file?: DecoderChoice;
  /** Why it is not a better one: what failed before, what the file needs. */
  readonly notes: readonly string[];
}
