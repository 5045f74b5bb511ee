/** By a signal, what it follows. */
const followed = new WeakMap<AbortSignal, readonly AbortSignal[]>();

/**
 * `AbortSignal.any` that keeps what it follows. Node's own holds it weakly, so an `AbortSignal.timeout` that nobody else
 * knows is collected before its time and the limit never comes (seen with Node 20).
 *
 * @returns a signal that aborts with the first of these, and with its reason
 */
export function anySignal(signals: readonly AbortSignal[]): AbortSignal {
  const signal = AbortSignal.any([...signals]);
  followed.set(signal, signals);
  return signal;
}
