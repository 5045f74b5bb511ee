import { readFile } from 'node:fs/promises';
import { DiptychError } from '../../shared/domain/errors.js';
import { packagePath } from '../../shared/package-root.js';
import { readCustomModels } from './custom-models.adapter.js';
import { parseManifest, type Manifest } from './manifest.js';

const MANIFEST_PATH = packagePath('models/manifest.json');

/** Where the models that have a name are listed. */
export interface KnownModelsOptions {
  /** In place of models/manifest.json. @defaultValue that of this package */
  readonly manifest?: Manifest | undefined;
  /** The cache, which lists the models that the user added. */
  readonly cacheDir: string;
  /** Is told of a model of the user that can't be used under its name. */
  readonly onNotice?: ((text: string) => void) | undefined;
}

/** All models that have a name, read once: those of models/manifest.json and those that the user added. */
export class KnownModels {
  readonly #options: KnownModelsOptions;
  #packaged: Promise<Manifest> | undefined;
  #all: Promise<Manifest> | undefined;

  constructor(options: KnownModelsOptions) {
    this.#options = options;
  }

  /** Every model that has a name. @throws {@link DiptychError} `DIPTYCH_E_MODEL` if one of the lists is wrong. */
  all(): Promise<Manifest> {
    this.#all ??= this.#read();
    return this.#all;
  }

  /** Whether the user added the model, or may: no model of the package has that name. */
  async isCustom(name: string): Promise<boolean> {
    const { models } = await this.#readPackaged();
    return !models.some((model) => model.name === name);
  }

  /** Reads the lists again when they are asked for: the user's has changed. */
  forget(): void {
    this.#all = undefined;
  }

  #readPackaged(): Promise<Manifest> {
    const given = this.#options.manifest;
    return (this.#packaged ??= given === undefined ? readManifest() : Promise.resolve(given));
  }

  async #read(): Promise<Manifest> {
    const packaged = await this.#readPackaged();
    const custom = await readCustomModels(this.#options.cacheDir);
    const names = new Set(packaged.models.map(({ name }) => name));
    for (const { name } of custom.filter((model) => names.has(model.name))) {
      this.#options.onNotice?.(
        `your custom model ${name} is left out: diptych has one of that name now; add it as another`,
      );
    }
    return { ...packaged, models: [...packaged.models, ...custom.filter(({ name }) => !names.has(name))] };
  }
}

async function readManifest(): Promise<Manifest> {
  try {
    return parseManifest(await readFile(MANIFEST_PATH, 'utf8'));
  } catch (error) {
    if (error instanceof DiptychError) throw error;
    throw new DiptychError('DIPTYCH_E_MODEL', `models/manifest.json can't be read: ${String(error)}`, { cause: error });
  }
}
