import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FileMemo } from '../../../shared/files/file-memo.adapter.js';

/** Raised when the same file would be rewritten otherwise: what an older version made is left aside. */
const VERSION = 1;

/**
 * Forms of networks whose convolutions are operators of our own (useOwnConvolutions), kept in a folder. Each is looked
 * for once a process, and made where it is not there.
 */
export class OwnConvolutionForms {
  readonly #folder: string;
  readonly #paths = new FileMemo<string | undefined>();
  readonly #refused = new Set<string>();

  /** Makes nothing yet. @param folder - where what is made is kept */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Path of the form; `undefined` where there is nothing to replace, it was refused, or it cannot be made: a network that
   * cannot be read says so itself when it is opened.
   *
   * @param path - of the network
   */
  pathOf(path: string): Promise<string | undefined> {
    if (this.#refused.has(path)) return Promise.resolve(undefined);
    return this.#paths.of(path, () => this.#find(path).catch(() => undefined));
  }

  /**
   * Not given again by this process, and removed, as it may be damaged: it cannot be opened.
   *
   * @param path - of the network
   */
  async refuse(path: string): Promise<void> {
    const form = await this.pathOf(path);
    this.#refused.add(path);
    if (form !== undefined) await rm(form, { force: true });
  }

  async #find(path: string): Promise<string | undefined> {
    const { size, mtimeMs } = await stat(path);
    const name = createHash('sha256')
      .update(JSON.stringify([VERSION, path, size, mtimeMs]))
      .digest('hex');
    const form = join(this.#folder, `${name}.onnx`);
    const isThere = await access(form).then(
      () => true,
      () => false,
    );
    if (isThere) return form;
    // Only then: what reads networks would take 2 MB of each stream process.
    const [{ decodeOnnx, encodeOnnx }, { useOwnConvolutions }, bytes] = await Promise.all([
      import('../../onnx/onnx-file.js'),
      import('../../models/conversion/own-convolutions.js'),
      readFile(path),
    ]);
    const model = decodeOnnx(bytes, path);
    if (useOwnConvolutions(model).replaced === 0) return undefined;
    await mkdir(this.#folder, { recursive: true });
    const part = `${form}.${randomUUID()}.part`;
    await writeFile(part, encodeOnnx(model));
    await rename(part, form);
    return form;
  }
}
