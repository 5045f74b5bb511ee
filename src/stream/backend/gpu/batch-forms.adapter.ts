import { FileMemo } from '../../../shared/files/file-memo.adapter.js';
import type { Logger } from '../../../shared/telemetry/logger.js';
import { batchFormOf } from '../../models/conversion/batch-form.adapter.js';
import type { ModelEntry } from '../../models/manifest.js';

/** A network, and what it is made for. */
export interface FormedModel {
  /** Absolute path of the ONNX file. */
  readonly path: string;
  /** Of the manifest. */
  readonly entry: Pick<ModelEntry, 'input'>;
}

/**
 * Forms of networks that take several pictures at a time, for a process of several streams: a network that takes one
 * is asked about one stream after the other. Each is looked for once a process, and made where it is not there.
 */
export class BatchForms {
  readonly #folder: string;
  readonly #make: typeof batchFormOf;
  readonly #paths = new FileMemo<string>();

  /**
   * Makes nothing yet.
   *
   * @param folder - where what is made is kept
   * @param make - finds or makes one form
   */
  constructor(folder: string, make = batchFormOf) {
    this.#folder = folder;
    this.#make = make;
  }

  /**
   * Path of the form; of the network itself where it takes several pictures already, or cannot be made to.
   *
   * @param logger - told once what was made, or why nothing could be and how to have it tried again
   */
  pathOf({ path, entry }: FormedModel, logger: Pick<Logger, 'info' | 'warn'>): Promise<string> {
    return this.#paths.of(path, async () => {
      try {
        const form = await this.#make({ source: path, folder: this.#folder, input: entry.input });
        const { isNew, refusal } = form;
        if (isNew && refusal) {
          const { why, notePath } = refusal;
          logger.warn(
            `${path} is asked about one picture after the other: ${why}; it is not tried again unless ${notePath} is removed`,
          );
        } else if (isNew) logger.info(`${path} takes one picture at a time; made of it for several: ${form.path}`);
        return form.path ?? path;
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        logger.warn(`${path} is asked about one picture after the other: ${why}`);
        return path;
      }
    });
  }
}
