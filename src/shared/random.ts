/**
 * A generator of pseudo-random numbers, uniform in [0, 1), the same for a seed on every machine.
 * For tests, measurements and trial inputs; its numbers can be predicted.
 *
 * Source: mulberry32 by Tommy Ettinger (public domain); 32 bits of state, period 2³².
 *
 * @param seed - integer 0 … 2³² − 1
 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
