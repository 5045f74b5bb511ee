import { readFile } from 'node:fs/promises';
import { unwatchFile, watchFile } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** What a {@link watchConfigFile} follows, and whom it tells. */
export interface ConfigWatchOptions {
  /** Path of the file. */
  readonly file: string;
  /** What is known of it: it may have changed since it was read. */
  readonly text: string;
  /**
   * The file is another one, and has been for a moment, or the signal came. Must not reject.
   *
   * @param reason - `SIGHUP`, or `file`
   */
  readonly onChange: (reason: 'SIGHUP' | 'file') => Promise<void>;
  /** How often the file is looked at, ms. Higher: less work. Lower: sooner. @defaultValue 1000 */
  readonly intervalMs?: number;
}

/** An editor that writes in several steps is done by then, ms. */
const SETTLED_MS = 250;

/**
 * Tells when a file changes, also where another one takes its place, as editors and Kubernetes do; and on SIGHUP.
 *
 * @returns ends it
 */
export function watchConfigFile({
  file,
  text: knownText,
  onChange,
  intervalMs = 1000,
}: ConfigWatchOptions): () => void {
  let known: string | undefined = knownText;
  let turn = Promise.resolve();
  const check = (reason: 'SIGHUP' | 'file'): void => {
    turn = turn.then(async () => {
      const text = await settledText(file);
      if (reason === 'file' && text === known) return;
      known = text;
      await onChange(reason);
    });
  };
  const onSignal = (): void => check('SIGHUP');
  const onFile = (): void => check('file');
  process.on('SIGHUP', onSignal);
  // Polls: what tells of changes by itself does not on network file systems, and loses files that are replaced.
  watchFile(file, { interval: intervalMs, persistent: false }, onFile);
  check('file');
  return () => {
    process.off('SIGHUP', onSignal);
    unwatchFile(file, onFile);
  };
}

/** The text once it stays the same. */
async function settledText(file: string): Promise<string | undefined> {
  for (let text = await readText(file); ;) {
    await delay(SETTLED_MS);
    const next = await readText(file);
    if (next === text) return text;
    text = next;
  }
}

/** Absent where it cannot be read. */
const readText = (file: string): Promise<string | undefined> => readFile(file, 'utf8').catch(() => undefined);
