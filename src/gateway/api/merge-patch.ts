/**
 * JSON merge patch, RFC 7396: blocks are merged, everything else is replaced, and `null` removes
 * a key (so that its default applies again).
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isBlock(patch)) return patch;
  const merged: Record<string, unknown> = isBlock(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (key === '__proto__') continue;
    if (value === null) Reflect.deleteProperty(merged, key);
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}

const isBlock = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
