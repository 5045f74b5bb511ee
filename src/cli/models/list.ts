import { stat } from 'node:fs/promises';
import { DiptychError } from '../../shared/domain/errors.js';
import type { ModelEntry } from '../../stream/models/manifest.js';
import type { ModelFile } from '../../stream/models/model-file.js';
import type { ModelStore } from '../../stream/models/model-store.adapter.js';
import { checkOutputs, runOnce } from './check.js';

/** One model, as `--json` shows it. */
export interface ModelRow {
  /** As it is given in `detect.model` or `reid.model`. */
  readonly name: string;
  /** What it is, for people. */
  readonly title: string;
  /** What it can be used for. */
  readonly task: ModelEntry['task'];
  /** SPDX identifier, or the licence in words. */
  readonly licence: string;
  /** Added by the user. */
  readonly isOwn: boolean;
  /** `here`: on this machine, whole · `missing` · `damaged`: its file is not the one that is meant · `unfit`: it can't be run as its entry says. */
  readonly state: 'here' | 'missing' | 'damaged' | 'unfit';
  /** What is wrong, and what to do. */
  readonly problem?: string;
  /** Absolute path of the file that is used; absent where there is none. */
  readonly path?: string;
  /** Size of that file. */
  readonly bytes?: number;
  /** Forms of it that `diptych models convert` made, which lie ready. */
  readonly variants: readonly VariantRow[];
}

interface VariantRow {
  readonly precision: 'fp16' | 'fp32';
  readonly isDynamicBatch: boolean;
  readonly path: string;
}

/** How thoroughly models are checked. */
export interface ListOptions {
  /** Runs every model once. @defaultValue false */
  readonly isTried?: boolean;
}

/**
 * Every model that has a name, and what lies on this machine.
 *
 * @param openStore - opens a store that reports damaged files to `onNotice`
 * @throws {@link DiptychError}
 */
export async function listModels(
  openStore: (onNotice: (text: string) => void) => ModelStore,
  { isTried = false }: ListOptions = {},
): Promise<readonly ModelRow[]> {
  let notices: string[] = [];
  const store = openStore((text) => notices.push(text));
  const rows: ModelRow[] = [];
  for (const entry of (await store.manifest()).models) {
    const { name, title, task, licence } = entry;
    const common = { name, title, task, licence, isOwn: await store.isCustom(name) };
    notices = [];
    const file = await store.find(name);
    const variants = file === undefined ? [] : await variantsOf(store, file);
    const [notice] = notices;
    const unfit = isTried && file !== undefined ? await whyUnfit(file, variants) : undefined;
    const place = file === undefined ? {} : { path: file.path, bytes: (await stat(file.path)).size };
    if (unfit !== undefined) rows.push({ ...common, ...place, variants, state: 'unfit', problem: unfit });
    else if (notice !== undefined)
      rows.push({ ...common, ...place, variants, state: 'damaged', problem: withRemedy(notice, entry, file) });
    else rows.push({ ...common, ...place, variants, state: file === undefined ? 'missing' : 'here' });
  }
  return rows;
}

/** The rows as a table. */
export function showModels(rows: readonly ModelRow[]): readonly string[] {
  const cells = rows.map((row) => [
    row.name,
    row.task,
    [row.state === 'missing' ? '' : 'fp32', ...row.variants.map(variantText)].filter(Boolean).join(' ') || '-',
    row.bytes === undefined ? '-' : `${(row.bytes / 1e6).toFixed(1)} MB`,
    row.licence,
    row.problem ?? row.path ?? 'not on this machine',
  ]);
  const all = [['name', 'task', 'forms', 'size', 'licence', 'where'], ...cells];
  const widths = all[0]!.map((_, i) => Math.max(...all.map((row) => row[i]!.length)));
  return all.map((row) => row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i]!))).join('  '));
}

/** One line of each model that is on this machine or should be. */
export function showVerdicts(rows: readonly ModelRow[]): readonly string[] {
  const width = Math.max(...rows.map(({ name }) => name.length));
  return rows.map(({ name, state, problem, path }) => {
    const verdict = problem ?? (state === 'missing' ? 'not on this machine' : `good: ${path}`);
    return `${name.padEnd(width)}  ${verdict}`;
  });
}

const variantText = ({ precision, isDynamicBatch }: VariantRow): string =>
  `${precision}${isDynamicBatch ? '+batch' : ''}`;

async function variantsOf(store: ModelStore, file: ModelFile): Promise<readonly VariantRow[]> {
  const found = [await store.resolveVariant(file, { fp16: true }), await store.resolveVariant(file, { fp16: false })];
  return found
    .filter((variant) => variant !== undefined)
    .map(({ fp16, dynamicBatch, path }) => ({ precision: fp16 ? 'fp16' : 'fp32', isDynamicBatch: dynamicBatch, path }));
}

async function whyUnfit({ entry, path }: ModelFile, variants: readonly VariantRow[]): Promise<string | undefined> {
  for (const file of [path, ...variants.map((variant) => variant.path)]) {
    try {
      checkOutputs(entry, await runOnce(file, entry));
    } catch (error) {
      if (!(error instanceof DiptychError)) throw error;
      const problem = `${file}: ${error.message}`;
      return file === path ? withRemedy(problem, entry) : `${problem}; make it again: diptych models convert`;
    }
  }
  return undefined;
}

function withRemedy(problem: string, { name, file, sources }: ModelEntry, found?: ModelFile): string {
  if (problem.includes('make it again')) return problem;
  if (found !== undefined) return `${problem}; replace it or take it away, ${found.path} is used`;
  return sources.length > 0
    ? `${problem}; get it again: diptych models fetch ${name}`
    : `${problem}; bring ${file} once more`;
}
