import type { LiveHost } from './cluster-view.js';

/** What a host shows to others, and what it asks of them. */
export interface PeerRequest {
  /** Below the URL of the host. */
  readonly path: string;
  /** Without an answer by then it is given up, ms. */
  readonly limitMs: number;
  /** Sent as JSON by POST; without it the request is a GET. */
  readonly body?: object;
}

/**
 * Requests from host to host. Hosts show each other a token that holds for half a minute of the clock of who is asked,
 * which its answers tell: clocks need not agree.
 */
export class PeerRequests {
  readonly #pass: (theirNowMs: number) => string;
  /** How far the clock of each host is ahead of that of this one, ms. */
  readonly #aheadMs = new Map<string, number>();

  /** Asks nobody yet. @param pass - what this host shows to another one, whose Unix time is given in ms */
  constructor(pass: (theirNowMs: number) => string) {
    this.#pass = pass;
  }

  /** The header `Authorization` for a request that is sent now. */
  authorizationFor({ id }: Pick<LiveHost, 'id'>): string {
    return `Bearer ${this.#pass(Date.now() + (this.#aheadMs.get(id) ?? 0))}`;
  }

  /** A host has answered. @param date - of its answer, as HTTP gives it */
  noteDate({ id }: Pick<LiveHost, 'id'>, date: string | null | undefined): void {
    const theirMs = Date.parse(date ?? '');
    if (Number.isFinite(theirMs)) this.#aheadMs.set(id, theirMs - Date.now());
  }

  /** The JSON that a host answers. Rejects where it does not, or refuses. */
  async ask(host: LiveHost, request: PeerRequest): Promise<unknown> {
    let response = await this.#send(host, request);
    if (response.status === 401) response = await this.#send(host, request);
    if (!response.ok) throw new Error(`it answered ${response.status}`);
    return response.json();
  }

  async #send(host: LiveHost, { path, limitMs, body }: PeerRequest): Promise<Response> {
    const response = await fetch(host.url + path, {
      headers: {
        ...{ accept: 'application/json', authorization: this.authorizationFor(host) },
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
      redirect: 'error',
      signal: AbortSignal.timeout(limitMs),
    });
    this.noteDate(host, response.headers.get('date'));
    return response;
  }
}
