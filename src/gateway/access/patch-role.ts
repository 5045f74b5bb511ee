import { isBlock } from '../../shared/is-block.js';
import type { Caller } from './caller.js';
import { requireRole } from './role-hook.adapter.js';

/** Options of a stream that role `operate` may change; a block stands for all of its options. */
const FOR_OPERATORS = ['people', 'slots', 'shots', 'framing', 'record.enabled'] as const;

/** Throws {@link DiptychError} `DIPTYCH_E_FORBIDDEN` where a patch changes what is for role `admin` only. */
export function requirePatchRole(caller: Caller, patch: Readonly<Record<string, unknown>>): void {
  const others = pathsOf(patch).filter(
    (path) => !FOR_OPERATORS.some((one) => path === one || path.startsWith(`${one}.`)),
  );
  const [first] = others;
  if (first !== undefined) requireRole(caller, 'admin', `a change of ${first}`);
}

/** Options that a patch has, two levels deep: `record.enabled`. A block that is no block is named as it is. */
function pathsOf(patch: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(patch).flatMap(([key, value]) =>
    isBlock(value) && Object.keys(value).length > 0 ? Object.keys(value).map((inner) => `${key}.${inner}`) : [key],
  );
}
