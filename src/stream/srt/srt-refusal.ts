import type { SrtProbe } from './srt-probe.adapter.js';

/** Why a call was not taken: the kind of mistake, and what to do, in words. */
export interface SrtRefusal {
  /** What is to blame; `lost`: nothing that is known. */
  readonly kind: 'refused' | 'silent' | 'passphrase' | 'stream-id' | 'busy' | 'protocol' | 'lost';
  /** What follows the name of the other side in a message. */
  readonly text: string;
}

/** Reasons of libsrt and of applications (SRT Access Control) that mean something here, less the 1000 or 2000. */
const BAD_SECRET = 1010;
const UNSECURE = 1011;
const BUSY: ReadonlySet<number> = new Set([1003, 1005, 2402, 2409, 2503, 2507]);
const NO_ACCESS: ReadonlySet<number> = new Set([1002, 2400, 2401, 2403, 2404, 2405, 2406]);
const VERSION = 1008;

/**
 * What a probe says of a call that failed.
 *
 * @param secrets - what the call that failed had
 */
export function explainSrtRefusal(
  probe: SrtProbe,
  secrets: { readonly hasPassphrase: boolean; readonly hasStreamId: boolean },
): SrtRefusal {
  switch (probe.outcome) {
    case 'refused':
      return {
        kind: 'refused',
        text: 'nothing takes SRT there; check host and port, and whether the other side listens',
      };
    case 'silent':
      return {
        kind: 'silent',
        text: 'no answer; check host, port and firewalls, and that the other side listens (mode=listener)',
      };
    case 'accepted':
      return secrets.hasPassphrase
        ? { kind: 'passphrase', text: 'the other side does not encrypt; take the passphrase out, or set one there' }
        : { kind: 'lost', text: 'the other side takes calls, and this one ended' };
    case 'rejected':
      return explainReason(probe.reason, secrets);
  }
}

function explainReason(
  reason: number,
  { hasPassphrase, hasStreamId }: { readonly hasPassphrase: boolean; readonly hasStreamId: boolean },
): SrtRefusal {
  if (reason === UNSECURE || reason === BAD_SECRET) {
    const text = hasPassphrase
      ? 'the other side refuses the passphrase; give the same on both sides'
      : 'the other side asks for a passphrase; add ?passphrase=… to the URL';
    return { kind: 'passphrase', text };
  }
  if (BUSY.has(reason)) return { kind: 'busy', text: `the other side takes no more calls (${reason})` };
  if (NO_ACCESS.has(reason)) {
    const text = hasStreamId
      ? `the other side refuses the stream id (${reason}); check ?streamid=…`
      : `the other side refuses the call (${reason}); it may ask for a stream id: add ?streamid=… to the URL`;
    return { kind: 'stream-id', text };
  }
  if (reason === VERSION) return { kind: 'protocol', text: 'the other side speaks another version of SRT' };
  return { kind: 'protocol', text: `the other side refuses the call (reason ${reason})` };
}
