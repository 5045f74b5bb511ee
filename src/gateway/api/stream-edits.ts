import { freeTargetId } from '../../shared/config/parse-config.js';
import type { TargetConfig } from '../../shared/config/schema.js';
import { DiptychError } from '../../shared/domain/errors.js';
import { type WrittenStream } from '../state/written-stream.js';
import { isBlock } from '../../shared/is-block.js';
import { restoreSecrets } from './masked-config.js';
import { mergePatch } from './merge-patch.js';

/** Makes a stream as it is to be of what it is. */
export type StreamEdit = (current: WrittenStream) => unknown;

/** `PATCH`: a merge patch. Throws {@link DiptychError} `DIPTYCH_E_BAD_INPUT`. */
export const patched =
  (patch: unknown): StreamEdit =>
  (current) =>
    restoreSecrets(mergePatch(current, patch), current);

/** `PUT`: everything anew; a name that is left out stays. Throws {@link DiptychError} `DIPTYCH_E_BAD_INPUT`. */
export const replaced =
  (body: unknown): StreamEdit =>
  (current) =>
    restoreSecrets(isBlock(body) ? { id: current.id, ...body } : body, current);

/**
 * One more target.
 *
 * @param onName - told the name that it has
 */
export const withTarget =
  (target: TargetConfig, onName: (id: string) => void): StreamEdit =>
  (current) => {
    const targets = targetsOf(current);
    const id = target.id ?? freeTargetId(new Set(targets.map((one) => one.id)));
    if (targets.some((one) => one.id === id)) {
      throw new DiptychError(
        'DIPTYCH_E_CONFLICT',
        `stream "${current.id}" has a target "${id}" already; choose another id, or delete that one first`,
      );
    }
    onName(id);
    return { ...current, targets: [...targets, restoreSecrets({ ...target, id }, undefined)] };
  };

/** One target less. Throws {@link DiptychError} `DIPTYCH_E_NOT_FOUND`. */
export const withoutTarget =
  (targetId: string): StreamEdit =>
  (current) => {
    const targets = targetsOf(current);
    if (targets.every(({ id }) => id !== targetId)) {
      throw new DiptychError('DIPTYCH_E_NOT_FOUND', `stream "${current.id}" has no target "${targetId}"`);
    }
    return { ...current, targets: targets.filter(({ id }) => id !== targetId) };
  };

const targetsOf = (stream: WrittenStream): readonly { readonly id: string }[] =>
  (stream['targets'] ?? []) as readonly { readonly id: string }[];
