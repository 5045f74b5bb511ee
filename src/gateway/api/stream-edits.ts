import { freeTargetId } from '../../shared/config/parse-config.js';
import type { TargetConfig } from '../../shared/config/schema.js';
import { DiptychError } from '../../shared/domain/errors.js';
import type { PersonStatus } from '../../shared/domain/stream-status.js';
import { type WrittenStream } from '../state/written-stream.js';
import { isBlock } from '../../shared/is-block.js';
import { refuseCarriedSecrets } from './carried-secrets.js';
import { restoreSecrets } from './masked-config.js';
import { mergePatch } from './merge-patch.js';

/** Makes a stream as it is to be of what it is. */
export type StreamEdit = (current: WrittenStream) => unknown;

/** Secrets that are there stay, with the host that they were given for. @param sent - by the client */
function withSecrets(wanted: unknown, current: WrittenStream, sent: unknown): unknown {
  const restored = restoreSecrets(wanted, current);
  refuseCarriedSecrets(restored, current, sent);
  return restored;
}

/** `PATCH`: a merge patch. Throws {@link DiptychError} `DIPTYCH_E_BAD_INPUT`. */
export const patched =
  (patch: unknown): StreamEdit =>
  (current) =>
    withSecrets(mergePatch(current, patch), current, patch);

/** `PUT`: everything anew; a name that is left out stays. Throws {@link DiptychError} `DIPTYCH_E_BAD_INPUT`. */
export const replaced =
  (body: unknown): StreamEdit =>
  (current) =>
    withSecrets(isBlock(body) ? { id: current.id, ...body } : body, current, body);

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

/** A person gets no tile, or may have one again: by name, or by the number of one who has none. */
export const withLeftOut =
  ({ trackId, name }: Pick<PersonStatus, 'trackId' | 'name'>, isLeftOut: boolean): StreamEdit =>
  (current) => {
    const people = isBlock(current['people']) ? current['people'] : {};
    const list = Array.isArray(people['leaveOut']) ? (people['leaveOut'] as readonly (string | number)[]) : [];
    const others = list.filter((who) => (typeof who === 'string' ? who.trim() !== name : who !== trackId));
    return { ...current, people: { ...people, leaveOut: isLeftOut ? [...others, name ?? trackId] : others } };
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
