/** What somebody may do, the least first; each may do what those before it may. */
export const ROLES = ['view', 'operate', 'admin'] as const;

/** `view` watches, `operate` changes what is shown and recorded, `admin` does everything. */
export type Role = (typeof ROLES)[number];

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
}

/** Whoever comes while nobody is asked. @param address - where from */
export const anyone = (address: string): Caller => ({ way: 'open', name: 'anyone', address, role: 'admin' });

/** Whether they have a role, or one that stands above it. */
export const hasRole = ({ role }: Pick<Caller, 'role'>, needed: Role): boolean =>
  role !== undefined && ROLES.indexOf(role) >= ROLES.indexOf(needed);

/** Whether what they may do holds for a stream. @param streamId - absent for what belongs to no stream or to all */
export const mayUseStream = ({ streams }: Pick<Caller, 'streams'>, streamId: string | undefined): boolean =>
  streams === undefined || (streamId !== undefined && streams.includes(streamId));
