import { rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { DiptychError } from '../../shared/domain/errors.js';
import { cacheFolder, makeCacheFolder } from './cache-folder.adapter.js';
import { KnownModels } from './known-models.adapter.js';
import {
  findModel,
  findsBodies,
  type DetectorEntry,
  type EmbedderEntry,
  type Manifest,
  type ModelEntry,
} from './manifest.js';
import { damaged, fetchModelFile, isWhole, type FetchOptions } from './model-fetch.adapter.js';
import { isThere, recognize } from './model-files.adapter.js';
import { addCustomModel } from './custom-models.adapter.js';
import { findVariant, type ModelVariant } from './model-variant.adapter.js';
import {
  asDetector,
  asEmbedder,
  asPose,
  ORIGIN_TEXT,
  type LooseFile,
  type ModelFile,
  requireBodies,
  type ResolvedDetector,
  adviceForFile,
  adviceForPose,
} from './model-file.js';

/** Where models are looked for, and how they are fetched. */
export interface ModelStoreOptions extends Omit<FetchOptions, 'signal'> {
  /** Looked in first, never written to. @defaultValue the environment's DIPTYCH_MODEL_DIR */
  readonly modelDir?: string | undefined;
  /** Where fetched files are kept. @defaultValue $XDG_CACHE_HOME/diptych/models or ~/.cache/diptych/models */
  readonly cacheDir?: string;
  /** The models that have a name. @defaultValue models/manifest.json of this package */
  readonly manifest?: Manifest;
  /** Receives what a person should know that is not a failure, e.g. of a damaged file that is fetched again. */
  readonly onNotice?: (text: string) => void;
}

/**
 * Finds model files and fetches those that are missing. Every file is checked against the
 * manifest's sha256 before it is handed out, whatever its origin. Safe with several processes on
 * one cache: a file appears under its name only when it is whole.
 */
export class ModelStore {
  readonly #options: ModelStoreOptions;
  readonly #modelDir: string | undefined;
  readonly #cacheDir: string;
  readonly #fetching = new Map<string, Promise<ModelFile>>();
  readonly #known: KnownModels;

  constructor(options: ModelStoreOptions = {}) {
    this.#options = options;
    this.#modelDir = ('modelDir' in options ? options.modelDir : process.env['DIPTYCH_MODEL_DIR']) || undefined;
    this.#cacheDir = options.cacheDir ?? cacheFolder('models');
    const { manifest, onNotice } = options;
    this.#known = new KnownModels({ manifest, cacheDir: this.#cacheDir, onNotice });
  }

  /** Where fetched files are kept. */
  get cacheDir(): string {
    return this.#cacheDir;
  }

  /**
   * All models that have a name: those of models/manifest.json and those that the user added.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where one of the lists is wrong.
   */
  manifest(): Promise<Manifest> {
    return this.#known.all();
  }

  /** Whether the user added the model; such a file can't be fetched again. */
  isCustom(name: string): Promise<boolean> {
    return this.#known.isCustom(name);
  }

  /**
   * Copies a custom model into the store and lists it, in place of an earlier one of that name.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where the name is taken or it can't be written.
   */
  async add(path: string, entry: ModelEntry): Promise<ModelFile> {
    if (!(await this.isCustom(entry.name))) {
      throw new DiptychError('DIPTYCH_E_MODEL', `the name ${entry.name} is taken; give the model another with --name`);
    }
    await makeCacheFolder(this.#cacheDir);
    await addCustomModel(this.#cacheDir, path, entry);
    this.#known.forget();
    return { entry, path: join(this.#cacheDir, entry.file), origin: 'cache' };
  }

  /**
   * The file of a model if it is on this machine, whole; `undefined` otherwise. Asks no network.
   * A damaged file in the cache is removed if it can be fetched again; one that the user brought stays.
   */
  async find(name: string): Promise<ModelFile | undefined> {
    const entry = findModel(await this.manifest(), name);
    if (this.#modelDir !== undefined) {
      const path = resolve(this.#modelDir, entry.file);
      if (await isThere(path)) {
        if (await isWhole(path, entry)) return { entry, path, origin: 'model-dir' };
        this.#options.onNotice?.(damaged(path, entry).message);
      }
    }
    const path = join(this.#cacheDir, entry.file);
    if (!(await isThere(path))) return undefined;
    if (await isWhole(path, entry)) return { entry, path, origin: 'cache' };
    this.#options.onNotice?.(damaged(path, entry).message);
    if (entry.sources.length > 0) await rm(path, { force: true });
    return undefined;
  }

  /**
   * The file of a model, fetched if need be.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_MODEL` saying what was tried and what to do.
   */
  async fetch(name: string, signal?: AbortSignal): Promise<ModelFile> {
    const running = this.#fetching.get(name);
    if (running !== undefined) return running;
    const fetching = this.#fetch(name, signal).finally(() => this.#fetching.delete(name));
    this.#fetching.set(name, fetching);
    return fetching;
  }

  /**
   * Converts a model into the cache, from files on this machine, whatever lies there already.
   *
   * @param paths - the source's files, in the order in which the manifest lists them
   * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where the model is not made by conversion, or the
   * files are not those that the manifest means.
   */
  async convert(name: string, paths: readonly string[]): Promise<ModelFile> {
    const entry = findModel(await this.manifest(), name);
    const source = entry.sources.find((each) => 'convert' in each);
    if (source === undefined) {
      throw new DiptychError('DIPTYCH_E_MODEL', `${name} is published as it is used; there is nothing to convert`);
    }
    await makeCacheFolder(this.#cacheDir);
    const path = join(this.#cacheDir, entry.file);
    const part = `${path}.${process.pid}.part`;
    try {
      // Only then: what reads and writes networks would take 2 MB of each stream process.
      const { convertFiles } = await import('./model-conversion.adapter.js');
      await convertFiles(part, source, paths);
      if (!(await isWhole(part, entry))) throw damaged('its conversion', entry);
      await rename(part, path);
    } finally {
      await rm(part, { force: true });
    }
    return { entry, path, origin: 'path' };
  }

  /**
   * The detector that the configuration means: `auto`, a name, a path to an .onnx file that the
   * manifest knows by name or checksum, or `name=path` for any file of that model's kind.
   *
   * @param pose - the network beside it that finds keypoints: a name, or a path as above; `off`: none
   * @throws {@link DiptychError} `DIPTYCH_E_MODEL` when none can be had.
   */
  async resolveDetector(model: string, signal?: AbortSignal, pose = 'off'): Promise<ResolvedDetector> {
    const detector = await this.#resolveOne(model, signal);
    const poseFile = pose === 'off' ? undefined : asPose(await this.#resolveFile(pose, signal, adviceForPose));
    if (poseFile) requireBodies(detector, poseFile);
    else if (!findsBodies(detector.entry)) return detector;
    const faces = await this.#resolveAuto('face-detector', signal);
    if (!poseFile) return { ...detector, faces };
    return { ...detector, faces, pose: poseFile, reason: `${detector.reason}; poses by ${poseFile.entry.name}` };
  }

  async #resolveOne(model: string, signal?: AbortSignal): Promise<ResolvedDetector> {
    if (model === 'auto') return this.#resolveAuto(undefined, signal);
    if (model.endsWith('.onnx')) return this.#resolvePath(model);
    const file = asDetector(await this.fetch(model, signal));
    return { ...file, reason: `${file.entry.name}, as configured; ${ORIGIN_TEXT[file.origin]}` };
  }

  /**
   * The embedder that the configuration means: a name, or `name=path` for a file of that model's kind.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_MODEL` when it can't be had or is none.
   */
  async resolveEmbedder(model: string, signal?: AbortSignal): Promise<ModelFile<EmbedderEntry>> {
    return asEmbedder(await this.#resolveFile(model, signal));
  }

  /**
   * The 16-bit form of a model that `diptych models convert` made, if it is there and was made of
   * just this file; with `fp16: false` the 32-bit form that takes any number of pictures at a time.
   */
  resolveVariant(
    { path }: Pick<ModelFile, 'path'>,
    { fp16 }: { readonly fp16: boolean },
  ): Promise<ModelVariant | undefined> {
    return findVariant(path, this.#cacheDir, { fp16 }, this.#options.onNotice);
  }

  /**
   * A model that something is to be made of: one that the manifest names, fetched if need be, or a file
   * (`x.onnx`, `name=x.onnx`).
   *
   * @returns the file, and the folder where what is made of it belongs: the cache, which is there then,
   * or the folder of the file
   * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where it can't be had.
   */
  async locate(model: string, signal?: AbortSignal): Promise<{ readonly file: LooseFile; readonly folder: string }> {
    if (model.endsWith('.onnx')) {
      const file = await this.#looseFileAt(model);
      return { file, folder: dirname(file.path) };
    }
    const file = await this.fetch(model, signal);
    await makeCacheFolder(this.#cacheDir);
    return { file, folder: this.#cacheDir };
  }

  /** The first of `autoDetector` that can be had, of those for this task where one is given. */
  async #resolveAuto(task: DetectorEntry['task'] | undefined, signal?: AbortSignal): Promise<ResolvedDetector> {
    const { autoDetector, models } = await this.manifest();
    const failures: string[] = [];
    for (const name of autoDetector) {
      if (task !== undefined && models.find((each) => each.name === name)?.task !== task) continue;
      try {
        const file = asDetector(await this.fetch(name, signal));
        const why = failures.length === 0 ? 'the best there is' : `because ${failures.join('; ')}`;
        return { ...file, reason: `${name}, ${why}; ${ORIGIN_TEXT[file.origin]}` };
      } catch (error) {
        if (signal?.aborted || !(error instanceof DiptychError)) throw error;
        failures.push(error.message);
      }
    }
    throw new DiptychError('DIPTYCH_E_MODEL', `no detector could be had: ${failures.join('; ')}`);
  }

  async #resolvePath(model: string): Promise<ResolvedDetector> {
    const file = asDetector(await this.#fileAt(model));
    return { ...file, reason: `${file.entry.name}, as configured; ${ORIGIN_TEXT.path} ${file.path}` };
  }

  #resolveFile(model: string, signal?: AbortSignal, advice = adviceForFile): Promise<ModelFile> {
    return model.endsWith('.onnx') ? this.#fileAt(model, advice) : this.fetch(model, signal);
  }

  async #fileAt(model: string, advice = adviceForFile): Promise<ModelFile> {
    const { path, entry } = await this.#looseFileAt(model);
    if (entry === undefined) {
      throw new DiptychError('DIPTYCH_E_MODEL', `${path} is no file that models/manifest.json knows; ${advice(path)}`);
    }
    return { entry, path, origin: 'path' };
  }

  async #looseFileAt(model: string): Promise<LooseFile> {
    const separator = model.indexOf('=');
    const path = resolve(model.slice(separator + 1));
    if (!(await isThere(path))) {
      throw new DiptychError('DIPTYCH_E_MODEL', `there is no model file ${path}; check the configured model`);
    }
    const manifest = await this.manifest();
    const entry =
      separator > 0 ? findModel(manifest, model.slice(0, separator)) : await recognize(path, manifest.models);
    return { path, entry };
  }

  async #fetch(name: string, signal?: AbortSignal): Promise<ModelFile> {
    const found = await this.find(name);
    if (found !== undefined) return found;
    const entry = findModel(await this.manifest(), name);
    if (entry.sources.length === 0) {
      throw new DiptychError(
        'DIPTYCH_E_MODEL',
        `${name} has no source to fetch it from (${entry.licence}); ` +
          `put ${entry.file} into the folder DIPTYCH_MODEL_DIR, or give ${name}=/path/to/file.onnx`,
      );
    }
    await makeCacheFolder(this.#cacheDir);
    const failures: string[] = [];
    for (const source of entry.sources) {
      try {
        const path = join(this.#cacheDir, entry.file);
        const options = signal === undefined ? this.#options : { ...this.#options, signal };
        return { entry, path, origin: await fetchModelFile(source, entry, path, options) };
      } catch (error) {
        if (signal?.aborted || !(error instanceof DiptychError)) throw error;
        failures.push(error.message);
      }
    }
    throw new DiptychError(
      'DIPTYCH_E_MODEL',
      `${name} could not be fetched: ${failures.join('; ')}; ` +
        `or put ${entry.file} into the folder DIPTYCH_MODEL_DIR`,
    );
  }
}
