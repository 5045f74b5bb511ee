import { randomUUID } from 'node:crypto';
import { access, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { DiptychError } from '../../../shared/domain/errors.js';
import { isSameFile } from '../../../shared/files/same-file.adapter.js';
import { seededRandom } from '../../../shared/random.js';
import { OnnxSession, type NamedTensor } from '../../inference/onnx-session.adapter.js';
import type { ModelEntry } from '../manifest.js';
import type { ModelStore } from '../model-store.adapter.js';
import {
  placeVariant,
  readVariantNote,
  sha256Of,
  variantNotePath,
  type ModelVariant,
} from '../model-variant.adapter.js';
import { VARIANT_VERSION, variantFile, type VariantNote, type VariantOptions } from '../model-variant.js';
import { convertVariant, type ConvertedModel } from './convert-variant.js';

/** A variant that was made just now. */
export interface WrittenVariant extends ModelVariant {
  /** What was changed. */
  readonly report: ConvertedModel;
  /** Greatest difference of an output to what it was before, as a share of that output's range, on noise. */
  readonly difference: number;
}

/** What is converted, and where to. */
export interface WriteVariantOptions extends VariantOptions {
  /** Path of the ONNX file. */
  readonly source: string;
  /** Path of the result; a note is written beside it as `destination.json`. */
  readonly destination: string;
  /** Whether a file of that name is replaced; else it is refused. @defaultValue false */
  readonly force?: boolean;
  /** Says what size and range of numbers the network is made for. */
  readonly input?: ModelEntry['input'] | undefined;
}

/** Side taken for a picture where neither file nor manifest says one, pixels. */
const FREE_SIDE = 320;
/** Of an output's range: more than that between one and several pictures at a time is no rounding. */
const MOST_BATCH_DIFFERENCE = 1e-3;
/** Of an output's range: networks that lose more by 16 bits are not served by them. */
const MOST_FP16_DIFFERENCE = 0.1;
/** Outputs that hardly differ from one another, such as scores of nothing found, count as if they did so much. */
const LEAST_RANGE = 0.1;

/**
 * Makes another form of a model: of one that the manifest names in the cache, of a file (`x.onnx`,
 * `name=x.onnx`) beside it, or at `out`.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where it can't be had, or its graph does not allow it.
 */
export async function makeVariant(
  store: ModelStore,
  model: string,
  { out, force, ...options }: VariantOptions & { readonly out?: string | undefined; readonly force?: boolean },
  signal?: AbortSignal,
): Promise<WrittenVariant> {
  const { file, folder } = await store.locate(model, signal);
  const destination = out ?? join(folder, variantFile(basename(file.path), options));
  return writeVariant({
    ...options,
    source: file.path,
    destination: resolve(destination),
    // A variant in its usual place is made anew; one that the user named may be something else.
    force: out === undefined || force === true,
    input: file.entry?.input,
  });
}

/**
 * Converts a model and tries the result beside the original before it gets its name, with a note of
 * what it was made from beside it. Several processes and threads may make the same one at a time.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_USAGE` where it would overwrite the original, or without
 * `force` another file.
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where the graph does not allow it, or the result
 * does not do what the original does.
 */
export async function writeVariant(options: WriteVariantOptions): Promise<WrittenVariant> {
  const { source, destination, force, fp16, dynamicBatch } = options;
  for (const path of [destination, variantNotePath(destination)]) {
    if (!(await isSameFile(source, path))) continue;
    throw new DiptychError('DIPTYCH_E_USAGE', `${path} is the model that is converted; write to another file`);
  }
  await refuseForeignFiles(destination, force === true);
  const original = await readFile(source).catch((error: unknown) => {
    throw new DiptychError('DIPTYCH_E_MODEL', `${source} can't be read: ${String(error)}`, { cause: error });
  });
  const report = convertVariant(original, source, options);
  const part = `${destination}.${randomUUID()}.part`;
  const note: VariantNote = {
    version: VARIANT_VERSION,
    sourceSha256: sha256Of(original),
    sha256: sha256Of(report.bytes),
    fp16,
    dynamicBatch,
  };
  try {
    await writeFile(part, report.bytes).catch((error: unknown) => {
      throw new DiptychError('DIPTYCH_E_MODEL', `${destination} can't be written: ${String(error)}`, { cause: error });
    });
    const difference = await compare(source, part, report, options);
    await placeVariant(part, destination, note);
    return { path: destination, fp16, dynamicBatch, report, difference };
  } finally {
    await rm(part, { force: true });
  }
}

/** The note is written beside the result, so a file of its name that is no such note must not be lost. */
async function refuseForeignFiles(destination: string, force: boolean): Promise<void> {
  const found = await stat(destination).catch(() => undefined);
  if (found?.isFile() === true && !force) {
    throw new DiptychError(
      'DIPTYCH_E_USAGE',
      `--out: ${destination} exists already; add --force to replace it, or write to another file`,
    );
  }
  if (found?.isDirectory() === true)
    throw new DiptychError('DIPTYCH_E_USAGE', `${destination} is a folder; give the path of a file`);
  const path = variantNotePath(destination);
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (isThere && (await readVariantNote(destination)) === undefined) {
    throw new DiptychError('DIPTYCH_E_USAGE', `${path} is another file, and would be overwritten; choose another name`);
  }
}

/** Runs both on noise. @returns the greatest difference, as a share of an output's range */
async function compare(
  before: string,
  after: string,
  { inputs }: ConvertedModel,
  { input, fp16, dynamicBatch }: WriteVariantOptions,
): Promise<number> {
  const [only] = inputs;
  if (only === undefined || inputs.length > 1) {
    throw new DiptychError(
      'DIPTYCH_E_MODEL',
      `${before} has ${inputs.length} inputs; only models with one are converted`,
    );
  }
  const [, ...sides] = inputShape(only.dims, input);
  const count = dynamicBatch ? 2 : 1;
  const pictures = Array.from({ length: count }, (_, i) => noise(i + 1, sides, input));
  const expected = await runOn(before, pictures, [1, ...sides]);
  const together = Float32Array.from(pictures.flatMap((each) => [...each]));
  const found = await runOn(after, [together], [count, ...sides]).catch((error: unknown) => {
    const why = dynamicBatch ? '; something in it is made for one picture at a time' : '';
    throw new DiptychError('DIPTYCH_E_MODEL', `the converted network can't be run${why}`, { cause: error });
  });
  const difference = Math.max(...expected.map((outputs, i) => worstDifference(outputs, found[0]!, i, count)));
  const most = fp16 ? MOST_FP16_DIFFERENCE : MOST_BATCH_DIFFERENCE;
  if (difference <= most) return difference;
  throw new DiptychError(
    'DIPTYCH_E_MODEL',
    `the converted network does not give what ${before} gives: it is off by ${(difference * 100).toFixed(1)} % of the ` +
      `outputs' range${fp16 ? '; its numbers are too large or too small for 16 bits' : ''}`,
  );
}

async function runOn(
  path: string,
  pictures: readonly Float32Array[],
  dims: readonly number[],
): Promise<readonly (readonly NamedTensor[])[]> {
  const session = await OnnxSession.open({ path, threads: 1, isTrial: true });
  try {
    const results: (readonly NamedTensor[])[] = [];
    for (const picture of pictures) results.push(await session.run(picture, dims));
    return results;
  } finally {
    await session.close();
  }
}

/** Of the outputs for one picture to those for `count`, of which it is the one at `index`. */
function worstDifference(
  expected: readonly NamedTensor[],
  found: readonly NamedTensor[],
  index: number,
  count: number,
): number {
  return Math.max(
    ...expected.map(({ data, dims }, k) => {
      const all = found[k]!;
      if (all.dims[0] !== dims[0]! * count || all.data.length !== data.length * count) return Infinity;
      const own = all.data.subarray(index * data.length, (index + 1) * data.length);
      const [least, most] = data.reduce(
        ([low, high], x) => [Math.min(low, x), Math.max(high, x)],
        [Infinity, -Infinity],
      );
      const worst = data.reduce((sofar, value, i) => {
        const off = Math.abs(value - own[i]!);
        return Number.isNaN(off) ? Infinity : Math.max(sofar, off);
      }, 0);
      return worst === 0 ? 0 : worst / Math.max(most - least, LEAST_RANGE);
    }),
  );
}

/** One picture's shape: what the file leaves open, the manifest says. */
function inputShape(dims: ConvertedModel['inputs'][number]['dims'], input: ModelEntry['input'] | undefined): number[] {
  const size = input?.size;
  const [width, height] = size !== undefined && 'width' in size ? [size.width, size.height] : [FREE_SIDE, FREE_SIDE];
  const own = input?.order === 'nhwc' ? [1, height, width, 3] : [1, 3, height, width];
  return dims.map((side, i) => (typeof side === 'number' && side > 0 ? side : (own[i] ?? 1)));
}

/** Soft waves with some noise on them, in the range that the network is made for. */
function noise(seed: number, sides: readonly number[], input: ModelEntry['input'] | undefined): Float32Array {
  const { mean = 0, scale = 1 / 255 } = input ?? {};
  const random = seededRandom(seed);
  return Float32Array.from({ length: sides.reduce((product, side) => product * side, 1) }, (_, i) => {
    const pixel = 128 + 90 * Math.sin((seed * i) / 50) + 30 * random();
    return (pixel - mean) * scale;
  });
}
