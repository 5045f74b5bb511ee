import type { Push } from '../../shared/signaling/protocol.js';
import type { Caller } from '../access/caller.js';
import { eventWithoutAddresses, seesAddresses, withoutAddresses } from '../access/hidden-addresses.js';

/** A message as text for many clients, made once for those who may know where sources and targets are, and once for others. */
export class PushTexts {
  readonly #message: Push;
  #all: string | undefined;
  #others: string | undefined;

  constructor(message: Push) {
    this.#message = message;
  }

  /** The text for one of them. @param caller - absent: nobody is known, who is told the least */
  for(caller: Caller | undefined): string {
    if (caller && seesAddresses(caller)) return (this.#all ??= JSON.stringify(this.#message));
    return (this.#others ??= JSON.stringify(withoutPlaces(this.#message)));
  }
}

function withoutPlaces(message: Push): Push {
  if (message.type === 'status') return { ...message, status: withoutAddresses(message.status) };
  if (message.type === 'event') return { ...message, event: eventWithoutAddresses(message.event) };
  return message;
}
