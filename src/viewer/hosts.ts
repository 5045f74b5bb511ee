import type { HostAddress } from '../shared/domain/host-address.js';
import { at, currentBase, runsAt, workWith } from './urls.js';
import { session, type Session } from './session.js';

/*
 * Hosts of a cluster: where the page goes when the one that it works with does not answer. A gateway that is alone
 * tells of none, and nothing is asked then.
 */

/** How often the hosts are asked for anew, ms: others come, and what this browser shows them runs out. */
const REFRESH_MS = 30_000;

/** Hosts that the page may talk to, because they were there when it was loaded (Content-Security-Policy). */
let reachable: ReadonlySet<string> = new Set();
let known: readonly HostAddress[] = [];
let pass: string | undefined;

const originOf = (url: string): string => new URL(url).origin;

function take({ hosts = [], pass: shown }: Session): void {
  if (hosts.length === 0) return;
  known = hosts;
  pass = shown;
  if (reachable.size === 0) reachable = new Set([location.origin, ...hosts.map(({ url }) => originOf(url))]);
}

/** Follows which hosts there are. @param token - of the address of a clean view */
export function followHosts(token: string | null): void {
  take(session.value);
  const refresh = async (): Promise<void> => {
    const headers: Record<string, string> = { accept: 'application/json' };
    const shown = token ?? (currentBase() === document.baseURI ? undefined : pass);
    if (shown !== undefined) headers['authorization'] = `Bearer ${shown}`;
    const response = await fetch(at('api/v1/session'), { headers }).catch(() => undefined);
    if (response?.ok === true) take((await response.json()) as Session);
  };
  // Who shows a token has asked for no session.
  if (token !== null) void refresh();
  setInterval(() => {
    if (known.length > 0) void refresh();
  }, REFRESH_MS);
}

/**
 * The page goes on with another host. Where it may not talk to that one, the page is opened there instead.
 *
 * @param shown - what this browser shows there
 */
export function goTo(url: string, shown: string | undefined): void {
  if (!reachable.has(originOf(url)) && originOf(url) !== location.origin) {
    const fragment = shown === undefined ? '' : `#token=${shown}`;
    location.replace(`${url}${location.pathname}${location.search}${fragment}`);
    return;
  }
  workWith(url, shown);
}

/** The page goes on with the next host that is known; with the same where there is none. */
export function tryNextHost(): void {
  const urls = known.map(({ url }) => url).filter((url) => reachable.has(originOf(url)));
  if (urls.length === 0) return;
  const origin = originOf(currentBase());
  const next = urls[(urls.findIndex((url) => originOf(url) === origin) + 1) % urls.length];
  if (next !== undefined) workWith(next, pass);
}

/** A host that has not answered by then is taken for one that does not, ms. */
const ANSWER_LIMIT_MS = 800;

/** Whether a host answers in time. Never rejects. */
export async function isAnswering(url: string, limitMs = ANSWER_LIMIT_MS): Promise<boolean> {
  const base = url.endsWith('/') ? url : `${url}/`;
  const signal = AbortSignal.timeout(limitMs);
  const response = await fetch(new URL('api/v1/session', base), { signal, cache: 'no-store' }).catch(() => undefined);
  return response?.ok === true;
}

/** Asks all known hosts at once. @returns the first that answers; absent where none does, or the gateway is alone */
export async function firstAnsweringHost(): Promise<string | undefined> {
  const urls = known.map(({ url }) => url).filter((url) => reachable.has(originOf(url)));
  const asked = urls.map(async (url) => ((await isAnswering(url)) ? url : Promise.reject(new Error(url))));
  return Promise.any(asked).catch(() => undefined);
}

/** Whether both are the same host. */
export const isSameHost = (one: string, other: string): boolean => originOf(one) === originOf(other);

/** Whether the gateway is a host of a cluster. */
export const isInCluster = (): boolean => known.length > 0;

/** Whether there are other hosts. */
export const hasOthers = (): boolean => known.length > 1;

/** The page goes on with a host that is known. */
export const goOnWith = (url: string): void => workWith(url, pass);

/** The stream of the page runs on this host; absent: on the one that the page works with. */
export const followRunner = (host: HostAddress | undefined): void => runsAt(host?.url, pass);

/** What says who this is to the host that runs a stream of the list. */
export const passFor = (): Readonly<Record<string, string>> =>
  pass === undefined ? {} : { authorization: `Bearer ${pass}` };
