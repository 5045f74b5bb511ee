import { defer, finalize, map, type Observable, type OperatorFunction } from 'rxjs';
import type { SlotCommand } from './assign-slots.operator.js';
import { NamesOnAir } from './names-on-air.js';
import { PeopleNames, type NamedInput, type NamesByPerson, type PeopleNamesOptions } from './people-names.js';
import { withMore } from '../../../shared/with-more.js';

/** How people get names, and who is told. */
export interface NamePeopleOptions extends PeopleNamesOptions {
  /** Commands of users; those that name nobody are ignored. */
  readonly commands$?: Observable<SlotCommand>;
  /** Told whenever names have changed: those that are shown, and all that were given, empty ones included. */
  readonly onNames?: (names: NamesByPerson, given: NamesByPerson) => void;
}

/**
 * Adds the names of people, where it is sure who they are, to every frame: one in, one out, synchronously, in order. State is per subscription. A
 * command that fails changes nothing and does not error the stream.
 *
 * ```text
 * in         a──b──c──d──|
 * commands   ─────n──────        a name, between b and c
 * out        a──b──c──d──|       c and d have it
 * ```
 */
export function namePeople<F extends NamedInput>(
  options: NamePeopleOptions,
): OperatorFunction<F, F & { readonly names: NamesByPerson }> {
  return (frames$) =>
    defer(() => {
      const people = new PeopleNames(options);
      const onAir = new NamesOnAir();
      let told: NamesByPerson | undefined;
      const commands = options.commands$?.subscribe(({ action, onError }) => {
        if (action.action !== 'name') return;
        try {
          people.give(action.trackId, action.name);
        } catch (error) {
          onError?.(error);
        }
      });
      return frames$.pipe(
        map((frame) => {
          const names = people.update(frame);
          if (names !== told) options.onNames?.(names, people.given);
          told = names;
          return withMore(frame, { names: onAir.update(names, frame) });
        }),
        finalize(() => commands?.unsubscribe()),
      );
    });
}
