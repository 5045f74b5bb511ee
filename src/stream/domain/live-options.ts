/**
 * Options that may change while they are used: each is looked up when it is read, so who keeps this object, and reads
 * from it where an option is needed, follows every change. A copy (`{...options}`) does not.
 *
 * @param read - the options now
 */
export function liveOptions<T extends object>(read: () => T): T {
  return new Proxy({} as T, {
    get: (_target, key): unknown => Reflect.get(read(), key),
    has: (_target, key) => Reflect.has(read(), key),
    ownKeys: () => Reflect.ownKeys(read()),
    getOwnPropertyDescriptor: (_target, key) => {
      const descriptor = Reflect.getOwnPropertyDescriptor(read(), key);
      // The target of a proxy has to have what is not configurable.
      return descriptor && { ...descriptor, configurable: true };
    },
  });
}

/**
 * Options beside those of `base`, or in their place. Nothing is copied: an option of `base` is read there, as it is
 * then, at the cost of a plain property. A copy (`{...options}`) holds those of `more` only.
 *
 * @param more - may have getters, which are called for each read
 */
export function extendedOptions<B extends object, M extends object>(base: B, more: M): Omit<B, keyof M> & M {
  return Object.create(base, Object.getOwnPropertyDescriptors(more)) as Omit<B, keyof M> & M;
}
