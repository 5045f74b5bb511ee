import { progressText } from './progress.js';

/** Where progress is written. */
export interface ProgressOutput {
  /** Whether one line is written again and again. @defaultValue whether standard error is a terminal */
  readonly isTerminal?: boolean;
  /** Takes text, with line ends. @defaultValue standard error */
  readonly write?: (text: string) => void;
  /** Milliseconds of a clock that does not go back. @defaultValue `performance.now` */
  readonly nowMs?: () => number;
}

/** Often enough to be seen to move, ms. */
const TERMINAL_INTERVAL_MS = 250;
/** In a log that is kept, ms. */
const LOG_INTERVAL_MS = 10_000;
const ERASE_LINE = '\r\u001b[K';

/** Tells how far a command over a file is: on a terminal one line that changes, elsewhere a line now and then. */
export class ProgressLine {
  readonly #isTerminal: boolean;
  readonly #write: (text: string) => void;
  readonly #nowMs: () => number;
  #begunMs: number | undefined;
  #writtenMs = 0;
  #isShown = false;

  constructor({
    isTerminal = process.stderr.isTTY,
    write = (text) => void process.stderr.write(text),
    nowMs = () => performance.now(),
  }: ProgressOutput = {}) {
    this.#isTerminal = isTerminal;
    this.#write = write;
    this.#nowMs = nowMs;
  }

  /**
   * So many frames are done.
   *
   * @param shareOf - asked where a line is due: of the whole file, 0 to 1; absent where its length is not known
   */
  update(frames: number, shareOf: () => number | undefined): void {
    const nowMs = this.#nowMs();
    if (this.#begunMs === undefined) {
      // What was opened before the first frame says nothing about the rate.
      this.#begunMs = nowMs;
      this.#writtenMs = nowMs;
    }
    const intervalMs = this.#isTerminal ? TERMINAL_INTERVAL_MS : LOG_INTERVAL_MS;
    if (nowMs - this.#writtenMs < intervalMs) return;
    this.#writtenMs = nowMs;
    const text = progressText({ frames, share: shareOf(), elapsedMs: nowMs - this.#begunMs });
    this.#isShown = this.#isTerminal;
    this.#write(this.#isTerminal ? `${ERASE_LINE}${text}` : `${text}\n`);
  }

  /** Takes the line off the terminal, so that what follows begins a line. Idempotent. */
  end(): void {
    if (this.#isShown) this.#write(ERASE_LINE);
    this.#isShown = false;
  }
}
