import { stat } from 'node:fs/promises';

interface Known<T> {
  /** Of the file as it was looked at: its size and when it was changed. */
  readonly stamp: string;
  readonly value: Promise<T>;
}

/** What is known of files: found out once for each, and again where one has changed. */
export class FileMemo<T> {
  readonly #known = new Map<string, Known<T>>();

  /**
   * What is known of a file; of one that is not there, what `find` says each time.
   *
   * @param find - looks at the file; what it rejects with is kept as well
   */
  async of(path: string, find: () => Promise<T>): Promise<T> {
    const stamp = await stampOf(path);
    if (stamp === undefined) return find();
    const known = this.#known.get(path);
    if (known?.stamp === stamp) return known.value;
    const value = find();
    this.#known.set(path, { stamp, value });
    return value;
  }
}

const stampOf = (path: string): Promise<string | undefined> =>
  stat(path).then(
    ({ size, mtimeMs }) => `${size} ${mtimeMs}`,
    () => undefined,
  );
