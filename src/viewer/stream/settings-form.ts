import type { SchemaNode } from '../../shared/config/json-schema.js';
import { isSecretName, SECRET_FILES } from '../../shared/config/secret-name.js';

/** One option that can be edited. */
export interface EditableOption {
  /** Keys from the stream's configuration to it: `['output', 'bitrateKbps']`. */
  readonly path: readonly string[];
  /** What it means, its default and its limits. */
  readonly node: SchemaNode;
  /** As it is now. */
  readonly value: unknown;
  /** Whether it is written and never shown. */
  readonly isSecret: boolean;
  /** Whether it applies while the stream runs: it, or a block that it stands in. */
  readonly isLive: boolean;
}

/** Blocks of a configuration, as far as it is read here. */
type Block = Readonly<Record<string, unknown>>;

/** Of a path, as it stands in maps and in the answers of the API. */
export const pathName = (path: readonly string[]): string => path.join('.');

/**
 * Every option below `path` that is a single value, in the order of the schema. Left out are lists, blocks of choices,
 * and files with secrets, which the API takes from nobody.
 */
export function editableOptions(
  node: SchemaNode,
  value: unknown,
  path: readonly string[],
  isBlockLive = false,
): readonly EditableOption[] {
  const isLive = isBlockLive || (node as { readonly 'x-live'?: boolean })['x-live'] === true || node.live === true;
  const name = path.at(-1) ?? '';
  if (node.properties) {
    const block = (typeof value === 'object' && value !== null ? value : {}) as Block;
    return Object.entries(node.properties).flatMap(([key, child]) =>
      editableOptions(child, block[key] ?? child.default, [...path, key], isLive),
    );
  }
  const isSingle = node.enum !== undefined || ['string', 'number', 'integer', 'boolean'].includes(node.type ?? '');
  const isChoice = node.anyOf?.every(({ properties, items }) => !properties && !items) === true;
  const isSecret = isSecretName(name);
  if ((!isSingle && !isChoice) || name in SECRET_FILES) return [];
  return [{ path, node, value, isSecret, isLive }];
}

/** How an option stands in its field. */
export function fieldText({ value, isSecret }: EditableOption): string {
  const isShown = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return isShown && !isSecret ? String(value) : '';
}

/** What was typed, as the API takes it: a number where one is meant; `null`, which removes it, where nothing was. */
export function parseField({ node }: EditableOption, text: string): unknown {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  const kinds = new Set([node.type, ...(node.anyOf ?? []).map(({ type }) => type)]);
  if (node.type === 'boolean') return trimmed === 'true';
  const isNumeric = kinds.has('integer') || kinds.has('number');
  return isNumeric && Number.isFinite(Number(trimmed)) ? Number(trimmed) : text;
}

/** Those that were edited and differ from what they are. @param edited - texts of fields by {@link pathName} */
export function changedFields(
  options: readonly EditableOption[],
  edited: ReadonlyMap<string, string>,
): readonly EditableOption[] {
  return options.filter((option) => {
    const text = edited.get(pathName(option.path));
    return text !== undefined && text !== fieldText(option);
  });
}

/** A merge patch of a stream's configuration with what was edited. */
export function patchOf(
  options: readonly EditableOption[],
  edited: ReadonlyMap<string, string>,
): Record<string, unknown> {
  const patch: Record<string, unknown> = {};
  for (const option of changedFields(options, edited)) {
    let block = patch;
    for (const key of option.path.slice(0, -1)) block = (block[key] ??= {}) as Record<string, unknown>;
    block[option.path.at(-1) ?? ''] = parseField(option, edited.get(pathName(option.path)) ?? '');
  }
  return patch;
}
