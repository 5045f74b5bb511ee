import type { Need } from './cluster-view.js';

/** A condition of a transaction. */
export type Comparison =
  | {
      /** Key below the prefix of the cluster. */
      readonly key: string;
      /** Revision at which the key was made; 0: there is no such key; `any`: there is one. */
      readonly created: number | 'any';
    }
  | {
      /** Key below the prefix of the cluster. */
      readonly key: string;
      /** Revision at which the key was changed last. */
      readonly modified: number;
    };

/** A claim is written once by each host that has the stream, so that the revision of that is the epoch of the claim. */
const byClaim = (streamId: string, epoch: number): Comparison => ({ key: FOLDERS.claims + streamId, modified: epoch });

/** What a transaction does where all its conditions hold. */
export type Operation =
  | { readonly type: 'put'; readonly key: string; readonly value: string; readonly lease?: string }
  | { readonly type: 'delete'; readonly key: string };

/** Done as a whole or not at all. */
export interface Transaction {
  /** All of them have to hold. */
  readonly when: readonly Comparison[];
  /** In this order. */
  readonly then: readonly Operation[];
}

/** Folders of keys below the prefix. */
export const FOLDERS = {
  hosts: 'hosts/',
  claims: 'claims/',
  streams: 'streams/',
  state: 'state/',
  draining: 'draining/',
  moves: 'moves/',
  needs: 'needs/',
} as const;

/** A host takes a stream that nobody has, and that is still wanted. */
export const claimTransaction = (streamId: string, hostId: string, lease: string): Transaction => ({
  when: [
    { key: FOLDERS.claims + streamId, created: 0 },
    { key: FOLDERS.streams + streamId, created: 'any' },
    { key: FOLDERS.draining + hostId, created: 0 },
  ],
  then: [
    { type: 'put', key: FOLDERS.claims + streamId, value: JSON.stringify({ host: hostId }), lease },
    { type: 'delete', key: FOLDERS.moves + streamId },
  ],
});

/** A host gives a stream back that it runs no more. */
export const releaseTransaction = (streamId: string, epoch: number): Transaction => ({
  when: [byClaim(streamId, epoch)],
  then: [{ type: 'delete', key: FOLDERS.claims + streamId }],
});

/** What whoever runs the stream next begins with; refused where the writer does not have the stream any more. */
export const stateTransaction = (streamId: string, epoch: number, value: string): Transaction => ({
  when: [byClaim(streamId, epoch)],
  then: [{ type: 'put', key: FOLDERS.state + streamId, value }],
});

/** What streams take, as measured by the host that has them; refused where another one has any by now, or it was deleted. */
export const needsTransaction = (needs: readonly MeasuredNeed[]): Transaction => ({
  when: needs.flatMap(({ streamId, need }): Comparison[] => [
    byClaim(streamId, need.epoch),
    { key: FOLDERS.streams + streamId, created: 'any' },
  ]),
  then: needs.map(({ streamId, need }) => ({
    ...{ type: 'put', key: FOLDERS.needs + streamId, value: JSON.stringify(need) },
  })),
});

/** What a stream takes, to be written. */
export interface MeasuredNeed {
  /** The stream. */
  readonly streamId: string;
  /** What it takes. */
  readonly need: Need;
}

/** A host says of itself something new. @param revision - of what it said before */
export const hostTransaction = (hostId: string, value: string, lease: string, revision: number): Transaction => ({
  when: [{ key: FOLDERS.hosts + hostId, modified: revision }],
  then: [{ type: 'put', key: FOLDERS.hosts + hostId, value, lease }],
});

/** A host is there, and no other of that name. */
export const registerTransaction = (hostId: string, value: string, lease: string): Transaction => ({
  when: [{ key: FOLDERS.hosts + hostId, created: 0 }],
  then: [{ type: 'put', key: FOLDERS.hosts + hostId, value, lease }],
});

/** A stream is wanted on another host; forgotten with the lease where that does not come to be. */
export const moveTransaction = (streamId: string, hostId: string, lease: string): Transaction => ({
  when: [
    { key: FOLDERS.streams + streamId, created: 'any' },
    { key: FOLDERS.hosts + hostId, created: 'any' },
  ],
  then: [{ type: 'put', key: FOLDERS.moves + streamId, value: JSON.stringify({ to: hostId }), lease }],
});

/** A host that is drained asks another one to take a stream; forgotten with the lease. */
export const sendTransaction = (streamId: string, epoch: number, hostId: string, lease: string): Transaction => ({
  when: [
    byClaim(streamId, epoch),
    { key: FOLDERS.moves + streamId, created: 0 },
    { key: FOLDERS.hosts + hostId, created: 'any' },
  ],
  then: [{ type: 'put', key: FOLDERS.moves + streamId, value: JSON.stringify({ to: hostId }), lease }],
});

/** The stream runs on the host that it is to move to, beside the one that has it; forgotten with the lease of the former. */
export const readyTransaction = (
  { streamId, epoch }: { readonly streamId: string; readonly epoch: number },
  move: { readonly to: string; readonly revision: number },
  lease: string,
): Transaction => ({
  when: [byClaim(streamId, epoch), { key: FOLDERS.moves + streamId, modified: move.revision }],
  then: [{ type: 'put', key: FOLDERS.moves + streamId, value: JSON.stringify({ to: move.to, ready: epoch }), lease }],
});

/** Who has a stream, and publishes nothing of it any more, gives it to a host that runs it already. */
export const handOverTransaction = (
  { streamId, epoch }: { readonly streamId: string; readonly epoch: number },
  to: { readonly hostId: string; readonly lease: string },
): Transaction => ({
  when: [
    byClaim(streamId, epoch),
    { key: FOLDERS.streams + streamId, created: 'any' },
    { key: FOLDERS.hosts + to.hostId, created: 'any' },
  ],
  then: [
    { type: 'put', key: FOLDERS.claims + streamId, value: JSON.stringify({ host: to.hostId }), lease: to.lease },
    { type: 'delete', key: FOLDERS.moves + streamId },
  ],
});

/** A host is to give away what it runs, or may take streams again. @param lease - it is forgotten with */
export const drainTransaction = (hostId: string, isDraining: boolean, lease?: string): Transaction => ({
  when: [],
  then: [
    isDraining
      ? { type: 'put', key: FOLDERS.draining + hostId, value: '{}', ...(lease !== undefined && { lease }) }
      : { type: 'delete', key: FOLDERS.draining + hostId },
  ],
});
