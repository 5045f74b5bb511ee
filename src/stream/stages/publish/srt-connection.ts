import type { Connection } from './publish-attempt.adapter.js';

const TOTAL = /\bbytes-sent-total=\(guint64\)(\d+)/;
/** Those of several receivers stand escaped, as texts within the text. */
const field = (name: string): RegExp => new RegExp(`\\b${name}\\\\?=\\\\?\\([a-z0-9]+\\\\?\\)(\\d+)`, 'g');
const ACKNOWLEDGED = field('packet-ack-received');
const TOO_LATE = field('packets-sent-dropped');

/**
 * What SRT's statistics say, as `srtsink` gives them as text. Receivers acknowledge what they get some times a second:
 * what was sent when the last acknowledgement was new is taken.
 */
export class SrtConnection {
  #acknowledged: readonly number[] = [];
  #takenBytes = 0;
  #tooLate: readonly number[] = [];
  #dropped = 0;

  /** The connection at the moment of `stats`; its receivers are those that are connected now. */
  update(stats: unknown): Connection {
    const text = typeof stats === 'string' ? stats : '';
    const sentBytes = Number(TOTAL.exec(text)?.[1] ?? 0);
    const acknowledged = numbersIn(text, ACKNOWLEDGED);
    const isOpen = acknowledged.length > 0;
    if (isOpen && grown(acknowledged, this.#acknowledged) > 0) this.#takenBytes = sentBytes;
    this.#acknowledged = acknowledged;
    const tooLate = numbersIn(text, TOO_LATE);
    this.#dropped += grown(tooLate, this.#tooLate);
    this.#tooLate = tooLate;
    return { isOpen, sentBytes, takenBytes: this.#takenBytes, dropped: this.#dropped };
  }
}

const numbersIn = (text: string, pattern: RegExp): readonly number[] =>
  [...text.matchAll(pattern)].map(([, digits]) => Number(digits));

/** By how much counts have grown; those of other receivers than before are not compared. */
function grown(now: readonly number[], before: readonly number[]): number {
  if (now.length !== before.length) return 0;
  return now.reduce((sum, count, index) => sum + Math.max(0, count - (before[index] ?? count)), 0);
}
