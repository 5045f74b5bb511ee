import type { LimitsConfig } from '../../shared/config/limits-schema.js';
import type { DiptychError } from '../../shared/domain/errors.js';
import { addressGroup } from '../access/address-group.js';
import { limitError } from '../access/limit-error.js';

/** Counts the open WebSockets, all of them and by address; IPv6 addresses by their network. */
export class SocketRoom {
  readonly #limits: Pick<LimitsConfig, 'webSockets' | 'webSocketsPerAddress'>;
  readonly #byAddress = new Map<string, number>();
  #all = 0;

  constructor(limits: Pick<LimitsConfig, 'webSockets' | 'webSocketsPerAddress'>) {
    this.#limits = limits;
  }

  /** Why one more is not taken; `undefined` where it is. */
  refuse(address: string): DiptychError | undefined {
    const { webSockets, webSocketsPerAddress } = this.#limits;
    const ofAddress = this.#byAddress.get(addressGroup(address)) ?? 0;
    if (ofAddress >= webSocketsPerAddress) {
      const what = `WebSockets from ${address}: ${ofAddress}`;
      return limitError('DIPTYCH_E_LIMIT_SOCKETS', what, 'webSocketsPerAddress', 'close a page');
    }
    if (this.#all < webSockets) return undefined;
    return limitError('DIPTYCH_E_LIMIT_SOCKETS', `WebSockets: ${this.#all}`, 'webSockets', 'close a page');
  }

  /** One more is open; the returned function says that it is closed, once. */
  enter(address: string): () => void {
    const group = addressGroup(address);
    this.#add(group, 1);
    return () => this.#add(group, -1);
  }

  #add(group: string, change: 1 | -1): void {
    this.#all += change;
    const count = (this.#byAddress.get(group) ?? 0) + change;
    if (count > 0) this.#byAddress.set(group, count);
    else this.#byAddress.delete(group);
  }
}
