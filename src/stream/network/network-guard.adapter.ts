import { lookup as lookUp, type LookupAddress, type LookupOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { DiptychError } from '../../shared/domain/errors.js';
import { accessSchema } from '../../shared/config/access-schema.js';
import {
  explainAddress,
  explainHost,
  explainKind,
  type NetworkRules,
  type NetworkUse,
} from '../../shared/networks/network-rules.js';
import { NETWORKS_VARIABLE, type NetworkAccess } from '../../shared/networks/network-access.js';

/** What a connection is made with so that it goes nowhere else than it may. */
export interface GuardedConnection {
  /** Finds the addresses of a name, and gives those only that may be reached: they are what is connected to. */
  readonly lookup: LookupFunction;
}

/** Keeps the connections of sources, or of targets, to the networks that the configuration allows. */
export class NetworkGuard {
  readonly #rules: NetworkRules;
  readonly #use: NetworkUse;

  constructor(rules: NetworkRules, use: NetworkUse) {
    this.#rules = rules;
    this.#use = use;
  }

  /**
   * What a connection to a host is made with. To be asked before each connection, also after a redirect.
   *
   * @param host - a name, or an address in any way in which it can be written, with or without brackets
   * @param scheme - such as `rtsp`; absent: it is not checked
   * @throws {@link DiptychError} `DIPTYCH_E_ADDRESS_NOT_ALLOWED` where the scheme or the address is not allowed
   */
  connection(host: string, scheme?: string): GuardedConnection {
    const problem =
      (scheme === undefined ? undefined : explainKind(scheme, this.#rules, this.#use)) ??
      explainHost(host, this.#rules, this.#use);
    if (problem !== undefined) throw refusal(problem);
    return { lookup: (name, options, done) => this.#lookUp(name, options, done) };
  }

  /**
   * The first address of a name that may be reached.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_ADDRESS_NOT_ALLOWED`; what the system says where the name is not known
   */
  async addressOf(host: string, scheme?: string): Promise<string> {
    const [first] = await this.addressesOf(host, scheme);
    if (first === undefined) throw new Error('no address');
    return first;
  }

  /** All of them, throwing alike. */
  addressesOf(host: string, scheme?: string): Promise<string[]> {
    return new Promise((resolve, reject) => {
      this.connection(host, scheme).lookup(host, { all: true }, (error, found) => {
        if (error) reject(error);
        else resolve(Array.isArray(found) ? found.map(({ address }) => address) : []);
      });
    });
  }

  #lookUp(name: string, options: LookupOptions, done: Parameters<LookupFunction>[2]): void {
    lookUp(name, { ...options, all: true }, (error, found) => {
      if (error) {
        done(error, '', 0);
        return;
      }
      const allowed: LookupAddress[] = [];
      let problem: string | undefined;
      for (const each of found) {
        const explained = explainAddress(each.address, this.#rules, this.#use);
        if (explained === undefined) allowed.push(each);
        problem ??= explained;
      }
      const [first] = allowed;
      if (first === undefined)
        done(refusal(`${name} leads nowhere that may be reached: ${problem ?? 'no address'}`), '', 0);
      else if (options.all === true) done(null, allowed);
      else done(null, first.address, first.family);
    });
  }
}

const refusal = (problem: string): DiptychError => new DiptychError('DIPTYCH_E_ADDRESS_NOT_ALLOWED', problem);

/** What the gateway handed to this process; the defaults where nobody did. */
function networkAccess(): NetworkAccess {
  const { [NETWORKS_VARIABLE]: text } = process.env;
  return accessSchema.parse(text === undefined ? {} : JSON.parse(text));
}

const guards: Partial<Record<NetworkUse, NetworkGuard>> = {};

/** The guard of all sources, or of all targets, of this process. */
export const networkGuard = (use: NetworkUse): NetworkGuard =>
  (guards[use] ??= new NetworkGuard(networkAccess()[use], use));
