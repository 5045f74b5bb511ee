import { doubleDestinations, explainDouble, type PublishingStream } from '../../shared/config/destinations.js';
import { DiptychError } from '../../shared/domain/errors.js';

/**
 * Whether a stream may have these targets.
 *
 * @param wanted - the stream as it is to be
 * @param streams - all there are; the one of the same name is what `wanted` takes the place of
 * @throws {@link DiptychError} `DIPTYCH_E_BAD_INPUT` where a name is used twice, `DIPTYCH_E_CONFLICT` where two
 * targets, of any streams, publish to the same place
 */
export function rejectDoubleTargets(wanted: PublishingStream, streams: readonly PublishingStream[]): void {
  const ids = wanted.targets.flatMap(({ id }) => id ?? []);
  const double = ids.find((id, index) => ids.indexOf(id) < index);
  if (double !== undefined) {
    throw new DiptychError('DIPTYCH_E_BAD_INPUT', `targets: the id "${double}" is used twice; choose another`);
  }
  const others = streams.filter(({ id }) => id !== wanted.id);
  const found = doubleDestinations([...others, wanted]).find(({ stream }) => stream === others.length);
  if (found)
    throw new DiptychError('DIPTYCH_E_CONFLICT', `targets[${found.target}].url: ${explainDouble(found.first)}`);
}
