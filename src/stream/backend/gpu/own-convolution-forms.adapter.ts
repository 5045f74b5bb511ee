import { rm } from 'node:fs/promises';
import { FileMemo } from '../../../shared/files/file-memo.adapter.js';
import type { Logger } from '../../../shared/telemetry/logger.js';
import { ownFormOf } from '../../models/conversion/own-form.adapter.js';

/**
 * Forms of networks whose convolutions are operators of our own (useOwnConvolutions), kept in a folder. Each is looked
 * for once a process, and made where it is not there.
 */
export class OwnConvolutionForms {
  readonly #folder: string;
  readonly #make: typeof ownFormOf;
  readonly #paths = new FileMemo<string | undefined>();
  readonly #refused = new Set<string>();

  /**
   * Makes nothing yet.
   *
   * @param folder - where what is made is kept
   * @param make - finds or makes one form
   */
  constructor(folder: string, make = ownFormOf) {
    this.#folder = folder;
    this.#make = make;
  }

  /**
   * Path of the form; `undefined` where there is nothing to replace, it was refused, or it cannot be made.
   *
   * @param path - of the network
   * @param logger - told once what was replaced, or why nothing could be
   */
  pathOf(path: string, logger?: Pick<Logger, 'info' | 'warn'>): Promise<string | undefined> {
    if (this.#refused.has(path)) return Promise.resolve(undefined);
    return this.#paths.of(path, async () => {
      try {
        const form = await this.#make({ source: path, folder: this.#folder });
        if (form.report !== undefined) logger?.info(`convolutions of ${path} on the GPU: ${form.report}`);
        return form.path;
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        logger?.warn(`${path} is run as it is, not with convolutions of our own: ${why}`);
        return undefined;
      }
    });
  }

  /**
   * Not given again by this process, and removed, so that another one makes it anew: it cannot be opened.
   *
   * @param path - of the network
   */
  async refuse(path: string): Promise<void> {
    const form = await this.pathOf(path);
    this.#refused.add(path);
    if (form !== undefined) await rm(form, { force: true });
  }
}
