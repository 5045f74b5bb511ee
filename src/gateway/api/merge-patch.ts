import { DiptychError } from '../../shared/domain/errors.js';
import { isBlock } from '../../shared/is-block.js';

/** Blocks within blocks of a patch. What is patched has four; the merge calls itself for each. */
const MAX_DEPTH = 32;

/**
 * JSON merge patch, RFC 7396: blocks are merged, everything else is replaced, and `null` removes
 * a key (so that its default applies again).
 *
 * @throws {@link DiptychError} `DIPTYCH_E_BAD_INPUT` where blocks go deeper than 32.
 */
export function mergePatch(target: unknown, patch: unknown, depth = 0): unknown {
  if (!isBlock(patch)) return patch;
  refuseDeep(depth);
  const merged: Record<string, unknown> = isBlock(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (key === '__proto__') continue;
    if (value === null) Reflect.deleteProperty(merged, key);
    else merged[key] = mergePatch(Object.hasOwn(merged, key) ? merged[key] : undefined, value, depth + 1);
  }
  return merged;
}

/**
 * Refuses blocks and lists that lie deeper in a body than any option.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_BAD_INPUT`
 */
export function refuseDeep(depth: number): void {
  if (depth <= MAX_DEPTH) return;
  throw new DiptychError('DIPTYCH_E_BAD_INPUT', `body: blocks go deeper than ${MAX_DEPTH}; no option lies as deep`);
}
