import type { ModelEntry } from '../manifest.js';
import { runConversion } from './conversion-thread.adapter.js';

/** Which network is to take several pictures at a time. */
export interface BatchFormRequest {
  /** Absolute path of the ONNX file. */
  readonly source: string;
  /** Where what is made is kept; made where it is not there. */
  readonly folder: string;
  /** Says what size and range of numbers the network is made for. */
  readonly input?: ModelEntry['input'] | undefined;
}

/** The form of a network that takes several pictures at a time. */
export interface BatchForm {
  /** Of its file; absent where the network takes several as it is. */
  readonly path?: string;
  /** Whether it was made just now, or could not be; else it was there, is not needed, or could not be made before. */
  readonly isNew: boolean;
  /** Why the network does not allow it, and the file that has it not tried again. */
  readonly refusal?: { readonly why: string; readonly notePath: string };
}

/**
 * Finds the form of a network that takes several pictures at a time, or makes it: on a thread of its own, as running
 * it once beside the original, which shows that it does the same, takes up to seconds for a large one. Where the graph
 * does not allow it, or the result does not do what the original does, that is noted in the folder.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where the file cannot be read or is no network, or the folder cannot be
 * written.
 */
export const batchFormOf = (request: BatchFormRequest): Promise<BatchForm> =>
  runConversion('stream/models/conversion/batch-form-worker.adapter.js', request);
