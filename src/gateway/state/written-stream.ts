import { isBlock } from '../../shared/is-block.js';

/**
 * A stream as it was written, with its defaults filled in and a name for every target: references to variables and
 * files are still in it, and secrets as well.
 */
export type WrittenStream = Readonly<Record<string, unknown>> & { readonly id: string };

/** Whether two values say the same; the order of keys does not matter. */
export const isSame = (one: unknown, other: unknown): boolean => canonical(one) === canonical(other);

/** The same text for values that say the same. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isBlock(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}

/** A stream whose targets are a block by their names, so that each of them can be changed alone. */
export function withTargetsByName(stream: unknown): Readonly<Record<string, unknown>> {
  if (!isBlock(stream)) return {};
  const { targets } = stream;
  if (!Array.isArray(targets)) return stream;
  const named = (targets as unknown[]).map((target) => [String(isBlock(target) ? target['id'] : ''), target] as const);
  return { ...stream, targets: Object.fromEntries(named) };
}

/** Takes back {@link withTargetsByName}. */
export function withTargetsListed(stream: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { targets } = stream;
  return isBlock(targets) ? { ...stream, targets: Object.values(targets) } : stream;
}
