import { includesRole, type Role } from '../../shared/domain/role.js';

/** How somebody showed who they are. `open`: nobody is asked; `none`: they did not. */
export type CallerWay = 'open' | 'token' | 'cookie' | 'guest' | 'none';

/** Who sent a request, and from where. */
export interface Caller {
  /** How they showed it. */
  readonly way: CallerWay;
  /** For logs: the name of the token, `guest of NAME`, `anyone`. */
  readonly name: string;
  /** The address that the request came from; behind a proxy of `http.trustProxy` the one that it tells. */
  readonly address: string;
  /** What they may do; absent where they may do nothing. */
  readonly role?: Role;
  /** The only streams that they may do it with; absent for all. */
  readonly streams?: readonly string[];
  /** Ends what they may do, Unix time in ms; absent without an end. */
  readonly expiresAtMs?: number;
  /** Of the token that stands behind them: without it they may do nothing any more. */
  readonly tokenId?: string;
  /** Of a browser that signed in: it may do nothing any more once it has signed out. */
  readonly sessionId?: string;
}

/** Whoever comes while nobody is asked. @param address - where from */
export const anyone = (address: string): Caller => ({ way: 'open', name: 'anyone', address, role: 'admin' });

/** Whether they have a role, or one that stands above it. */
export const hasRole = ({ role }: Pick<Caller, 'role'>, needed: Role): boolean => includesRole(role, needed);

/** Whether what they may do holds for a stream. @param streamId - absent for what belongs to no stream or to all */
export const mayUseStream = (
  { streams }: { readonly streams?: readonly string[] | undefined },
  streamId: string | undefined,
): boolean => streams === undefined || (streamId !== undefined && streams.includes(streamId));
