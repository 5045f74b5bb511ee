/** Spread first, so that V8 does not take the way that is described below. */
const NOTHING: object = {};

/**
 * A copy of `base` with more properties, for what happens at each frame; properties of `more` take the place of those
 * of `base`.
 *
 * The same as `{ ...base, ...more }`, of which V8 (seen in Node 20) gives each object a hidden class of its own: making
 * it takes 4 µs instead of 0.1, whoever reads it looks every property up, and the classes are garbage that only a full
 * collection finds. A copy without new properties (`{ ...box, x }`), and one that begins with a property, is as it
 * should be.
 */
export function withMore<B extends object, M extends object>(base: B, more: M): B & M {
  return { ...NOTHING, ...base, ...more };
}
