import { createHash, randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  failedVariantSchema,
  VARIANT_VERSION,
  variantFile,
  variantNoteSchema,
  type FailedVariant,
  type VariantNote,
  type VariantOptions,
} from './model-variant.js';

/** A model in another form, made on this machine. */
export interface ModelVariant extends VariantOptions {
  /** Absolute. */
  readonly path: string;
}

/**
 * The converted form of a model, if it lies beside the model or in `folder` and was made of just
 * that file by this version.
 *
 * @param onNotice - is told why one that lies there is not used
 */
export async function findVariant(
  source: string,
  folder: string,
  { fp16 }: Pick<VariantOptions, 'fp16'>,
  onNotice?: (text: string) => void,
): Promise<ModelVariant | undefined> {
  const name = variantFile(basename(source), { fp16 });
  for (const place of new Set([dirname(source), folder])) {
    const path = join(place, name);
    const content = await readFile(path).catch(() => undefined);
    if (content === undefined) continue;
    const note = await readVariantNote(path);
    const why = note === undefined ? 'no note says what it was made of' : await doubt(note, content, source);
    if (note !== undefined && why === undefined) return { path, fp16: note.fp16, dynamicBatch: note.dynamicBatch };
    onNotice?.(`${path} is not used: ${why}; make it again: diptych models convert`);
  }
  return undefined;
}

async function doubt(note: VariantNote, content: Uint8Array, source: string): Promise<string | undefined> {
  if (note.version !== VARIANT_VERSION) return 'another version of diptych made it';
  if (note.sha256 !== sha256Of(content)) return 'it is damaged';
  return note.sourceSha256 === sha256Of(await readFile(source))
    ? undefined
    : `it was made of another file than ${source}`;
}

/** Whether a variant lies there that this version made of a file with this checksum. */
export async function isVariantOf(path: string, sourceSha256: string): Promise<boolean> {
  const [note, content] = await Promise.all([readVariantNote(path), readFile(path).catch(() => undefined)]);
  if (note?.version !== VARIANT_VERSION || content === undefined) return false;
  return note.sourceSha256 === sourceSha256 && note.sha256 === sha256Of(content);
}

/** Where the note of a variant lies. @param path - of the variant */
export const variantNotePath = (path: string): string => `${path}.json`;

/** The note beside a variant; `undefined` where there is none, or it is no such note. @param path - of the variant */
export async function readVariantNote(path: string): Promise<VariantNote | undefined> {
  try {
    return variantNoteSchema.parse(JSON.parse(await readFile(variantNotePath(path), 'utf8')));
  } catch {
    return undefined;
  }
}

/**
 * Gives a variant that was written under another name in the same folder its own, with a note beside it; several processes
 * and threads may do so at a time.
 *
 * @param part - of the variant
 * @param path - that the variant gets
 */
export async function placeVariant(part: string, path: string, note: VariantNote): Promise<void> {
  const notePart = `${part}.json`;
  try {
    await writeFile(notePart, `${JSON.stringify(note, undefined, 2)}\n`);
    // The note first: a file that another note means is left aside until its own is there.
    await rename(notePart, variantNotePath(path));
    await rename(part, path);
  } finally {
    await rm(notePart, { force: true });
  }
}

/** Where it is noted that a variant cannot be made. @param path - that the variant would have */
export const failedVariantPath = (path: string): string => `${path}.failed.json`;

/** Why this version could not make a variant of a file with this checksum; `undefined` where it was not tried, or no note says so. @param path - that the variant would have */
export async function readFailedVariant(path: string, sourceSha256: string): Promise<string | undefined> {
  try {
    const note = failedVariantSchema.parse(JSON.parse(await readFile(failedVariantPath(path), 'utf8')));
    return note.version === VARIANT_VERSION && note.sourceSha256 === sourceSha256 ? note.message : undefined;
  } catch {
    return undefined;
  }
}

/** Notes that this version cannot make a variant of a file with this checksum. @param path - that the variant would have */
export async function writeFailedVariant(path: string, sourceSha256: string, message: string): Promise<void> {
  const note: FailedVariant = { version: VARIANT_VERSION, sourceSha256, message };
  const part = `${path}.${randomUUID()}.part`;
  await writeFile(part, `${JSON.stringify(note, undefined, 2)}\n`);
  await rename(part, failedVariantPath(path));
}

/** SHA-256 of a file's content, hexadecimal. */
export const sha256Of = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');
