import { isKnownHost, namesOf } from './known-hosts.js';
import { isOriginAllowed } from './origin.js';

/** What of a request says which page sent it, and where to. */
export interface SentFrom {
  /** The header `Host`. */
  readonly host: string | undefined;
  /** The header `Origin`: browsers send it with everything but plain `GET` and `HEAD`. */
  readonly origin: string | undefined;
}

/** Whom a {@link Doorkeeper} lets in. */
export interface DoorkeeperOptions {
  /** Host names of this gateway besides its addresses and `localhost`; `*` stands for all. */
  readonly hosts: readonly (string | undefined)[];
  /** Origins of other pages that may change things; `*` stands for all. */
  readonly origins: readonly string[];
  /** More of them, as they are when a request comes. @defaultValue none */
  readonly moreOrigins?: (() => readonly string[]) | undefined;
}

/** Methods that change nothing (RFC 9110, section 9.2.1). */
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Tells requests that a page of another site has made a browser send from those that were meant. */
export class Doorkeeper {
  readonly #names: ReadonlySet<string>;
  readonly #origins: () => readonly string[];

  constructor({ hosts, origins, moreOrigins }: DoorkeeperOptions) {
    this.#names = namesOf(hosts);
    this.#origins = () => (moreOrigins ? [...origins, ...moreOrigins()] : origins);
  }

  /**
   * Why a request is refused, and what to do; `undefined` where it is let in.
   *
   * @param method - of HTTP; `GET` of a WebSocket counts as one that changes things: give `undefined`
   */
  refuse({ host, origin }: SentFrom, method?: string): string | undefined {
    if (!isKnownHost(host, this.#names)) {
      return `this gateway is not called ${shown(host)}; open it by its address, or name it in http.allowedHosts`;
    }
    if (method !== undefined && SAFE_METHODS.has(method)) return undefined;
    if (isOriginAllowed(origin, host, this.#origins())) return undefined;
    return `a page of ${shown(origin)} may change nothing here; where it should, name it in http.allowedOrigins`;
  }
}

const MAX_SHOWN = 100;
const shown = (text = 'nothing'): string => text.replace(/[^\x21-\x7e]/g, '?').slice(0, MAX_SHOWN);
