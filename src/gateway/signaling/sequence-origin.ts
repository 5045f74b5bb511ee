const SEQUENCES = 0x1_0000;
const HALF = SEQUENCES / 2;

/**
 * The sequence number with which somebody began to count the packets of a sender that was sending already: of those who
 * say how far the sender is, and how far they have counted, whoever is latest knows best, because packets that were sent
 * in between were counted and not said.
 */
export class SequenceOrigin {
  #first: number | undefined;

  /** The first number; `undefined`: nobody has said anything yet. */
  get first(): number | undefined {
    return this.#first;
  }

  /** The sender was about to send this number when so many packets, lost ones included, or more had been counted. */
  note(nextSequence: number, counted: number): void {
    const first = modulo(nextSequence - counted);
    if (this.#first === undefined || modulo(first - this.#first) < HALF) this.#first = first;
  }
}

/** Of a sequence number, which wraps. */
const modulo = (number: number): number => ((number % SEQUENCES) + SEQUENCES) % SEQUENCES;
