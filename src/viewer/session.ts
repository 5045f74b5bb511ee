import { signal } from '@preact/signals';
import { includesRole, type Role } from '../shared/domain/role.js';
import type { HostAddress } from '../shared/domain/host-address.js';
import { at, authorization } from './urls.js';

/** Who this browser is for the gateway, and what they may do. */
export interface Session {
  /** Whether the gateway asks who somebody is. */
  readonly required: boolean;
  /** Whether it knows who this is. */
  readonly signedIn: boolean;
  /** Name of the token. */
  readonly name?: string;
  /** Whether they came by a link for guests. */
  readonly isGuest?: true;
  /** What they may do. */
  readonly role?: Role;
  /** The only streams that they may do it with; absent for all. */
  readonly streams?: readonly string[];
  /** Hosts of the cluster; absent without one. */
  readonly hosts?: readonly HostAddress[];
  /** What this browser shows at the others; absent where it needs nothing. */
  readonly pass?: string;
}

/** As the gateway told it when the page was loaded; before, and where it does not answer, nobody is asked. */
export const session = signal<Session>({ required: false, signedIn: true, role: 'admin' });

/** Whether the person before the page may do what this role may. */
export const may = (role: Role): boolean => includesRole(session.value.role, role);

/** Whether they came by a link for guests. */
export const isGuest = (): boolean => session.value.isGuest === true;

/** Whether what they may do holds for a stream. */
export const mayUse = (streamId: string): boolean => session.value.streams?.includes(streamId) ?? true;

/** Why something is not offered. @param what - begins a sentence, such as `Recording` */
export const missingRole = (role: Role, what: string): string =>
  `You are signed in to ${may('operate') ? 'operate' : 'watch'}. ${what} needs a token with role ${role}.`;

const PATH = 'api/v1/session';
/** What guests' links carry begins so. */
const GUEST_PASS = /^dpp_/;
/** Remembers over the reload of a page that it was open when its session ended. */
const ENDED = 'diptych.ended';

/** Asks who this is. Where the gateway does not answer, the page goes on and tells of that itself. */
export async function loadSession(): Promise<Session> {
  try {
    const response = await fetch(at(PATH), { headers: { accept: 'application/json', ...authorization() } });
    if (response.ok) session.value = (await response.json()) as Session;
  } catch {
    // The page says that the gateway does not answer.
  }
  return session.value;
}

/** Signs in. @returns what is wrong, for people; empty where it worked */
export async function signIn(token: string): Promise<string> {
  try {
    const response = await fetch(at(PATH), {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ token }),
    });
    if (response.ok) return '';
    const { detail = '' } = (await response.json()) as { readonly detail?: string };
    if (response.status === 401) {
      return GUEST_PASS.test(token)
        ? 'This link has expired, was withdrawn, or is not complete. Ask for a new one.'
        : 'This token is not known. Check it, or ask whoever runs the gateway for one.';
    }
    return detail === ''
      ? `The gateway answered ${response.status}.`
      : `${detail[0]?.toUpperCase() ?? ''}${detail.slice(1)}.`;
  } catch {
    return 'The gateway does not answer. Try again in a moment.';
  }
}

/** Signs out, and shows the page to sign in. */
export async function signOut(): Promise<void> {
  await fetch(at(PATH), { method: 'DELETE', headers: authorization() }).catch(() => undefined);
  location.reload();
}

/** The token behind `#`, which the browser has sent nowhere; it is taken out of the address at once. */
export function tokenOfAddress(): string | undefined {
  const token = /^#token=(\S+)$/.exec(location.hash)?.[1];
  if (token !== undefined) history.replaceState(null, '', location.pathname + location.search);
  return token === undefined ? undefined : decodeURIComponent(token);
}

let isChecking = false;

/** Something was refused or ended: where it is because this browser is signed out, the page to sign in is shown. */
export async function checkSession(): Promise<void> {
  if (isChecking || !session.value.required) return;
  isChecking = true;
  try {
    const response = await fetch(at(PATH), { headers: { accept: 'application/json', ...authorization() } });
    if (response.ok && !((await response.json()) as Session).signedIn) {
      remember(isGuest() ? 'Your link has expired or was withdrawn. Ask for a new one.' : 'You were signed out.');
      location.reload();
    }
  } catch {
    // It is not known; the page goes on trying.
  } finally {
    isChecking = false;
  }
}

/** Why the page to sign in is shown although the page was open before; empty where it was not. Told once. */
export function endedText(): string {
  try {
    const text = sessionStorage.getItem(ENDED) ?? '';
    sessionStorage.removeItem(ENDED);
    return text;
  } catch {
    return '';
  }
}

function remember(text: string): void {
  try {
    sessionStorage.setItem(ENDED, text);
  } catch {
    // Frames of other pages may keep nothing.
  }
}
