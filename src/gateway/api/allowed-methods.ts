/** Which methods a path takes, for `Allow`. */
export class AllowedMethods {
  readonly #patterns: { readonly pattern: RegExp; readonly methods: Set<string> }[] = [];
  readonly #places = new Map<string, Set<string>>();

  /** A path as fastify takes it: `:name` is one step of it, `*` the rest. */
  add(method: string, path: string): void {
    let methods = this.#places.get(path);
    if (!methods) {
      methods = new Set();
      this.#places.set(path, methods);
      const pattern = path
        .split(/(:\w+|\*)/)
        .map((part) => (part === '*' ? '.*' : part.startsWith(':') ? '[^/]+' : escaped(part)));
      this.#patterns.push({ pattern: new RegExp(`^${pattern.join('')}$`), methods });
    }
    methods.add(method);
  }

  /** Those of a path, in the order of the alphabet, `OPTIONS` included; none where there is no such path. */
  of(path: string): readonly string[] {
    const found = this.#patterns.flatMap(({ pattern, methods }) => (pattern.test(path) ? [...methods] : []));
    return found.length === 0 ? [] : [...new Set([...found, 'OPTIONS'])].sort();
  }
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
